"""The tracks that a match's report compares."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.recordings.aligned_pair import AlignedPair
from fxchain.render import render
from fxchain.report.content import Comparison, Track
from fxchain.session.front import Front, FrontChain

#: The length of the excerpt on which the chains of a front are compared, and what is played before
#: it, s; and how many chains at most.
FRONT_SECONDS, WARM_UP_SECONDS, MOST_CHAINS = 4.0, 5.0, 6


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


def with_front(
    comparisons: tuple[Comparison, ...], front: Front | None, aligned: AlignedPair
) -> tuple[Comparison, ...]:
    """Return comparisons with one of the chains of a front behind the first.

    Args:
        comparisons: at least one, the first of the aligned pair
        front: of the match
        aligned: the first pair
    """
    if front is None:
        return comparisons
    first, *others = comparisons
    named = replace(first, name=first.name or "Dry, wet and matched")
    return (named, _front_comparison(front, aligned), *others)


def _front_comparison(front: Front, aligned: AlignedPair) -> Comparison:
    """Return what some chains of a front make of an excerpt, beside the wet."""
    rate, samples = aligned.problem.sample_rate, aligned.dry.shape[1]
    length = min(round(FRONT_SECONDS * rate), samples)
    middle = samples // 2 if aligned.held_out is None else aligned.held_out[0]
    start = int(np.clip(middle - length // 2, 0, samples - length))
    begin = max(0, start - round(WARM_UP_SECONDS * rate))
    dry = np.ascontiguousarray(aligned.dry[:, begin : start + length])
    tracks = [Track("wet", "Wet", aligned.wet[:, start : start + length])]
    for number, chain in enumerate(_some(front.chains)):
        played = render(chain.preset, dry, rate)[:, start - begin :]
        label = f"{chain.label} (this chain)" if chain.chosen else chain.label
        tracks.append(Track(f"chain{'abcdefghij'[number]}", label, played))
    return Comparison("Other chains", tuple(tracks), "wet")


def _some(chains: Sequence[FrontChain]) -> list[FrontChain]:
    """Return at most so many chains, the chosen one, the simplest and the last among them."""
    places = np.linspace(0, len(chains) - 1, min(len(chains), MOST_CHAINS)).round().astype(int)
    kept = set(places.tolist())
    chosen = next((at for at, each in enumerate(chains) if each.chosen), 0)
    if chosen not in kept:
        inner = [at for at in places.tolist() if 0 < at < len(chains) - 1]
        kept -= {min(inner, key=lambda at: abs(at - chosen))} if inner else set()
        kept.add(chosen)
    return [chains[at] for at in sorted(kept)]
