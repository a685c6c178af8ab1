"""The tracks that a match's report compares."""

import numpy as np

from fxchain.recordings.aligned_pair import AlignedPair
from fxchain.report.content import Comparison, Track


def comparison_of(
    aligned: AlignedPair, matched: np.ndarray, files: tuple[str, str] = ("", ""), name: str = ""
) -> Comparison:
    """Return dry, wet and matched on the dry's time.

    Args:
        aligned: the pair
        matched: (channels, samples), rendered from the first sample of the dry
        files: names of the dry and the wet file
        name: of the pair, when there are several
    """
    tracks = (
        Track("dry", "Dry", aligned.dry, files[0]),
        Track("wet", "Wet", aligned.wet, files[1]),
        Track("matched", "Matched", matched),
    )
    return Comparison(name, tracks, "wet", "dry", ("wet", "matched"), aligned.held_out)
