"""A pair whose wet no longer wanders against its dry, as a tape does."""

from dataclasses import replace

from fxchain.alignment.align import align, apply_alignment
from fxchain.alignment.flutter import SHORTEST_SECONDS, measure_flutter, without_flutter
from fxchain.recordings.aligned_pair import fitted_parts
from fxchain.recordings.pair import Pair


def flutter_corrected(pair: Pair, latency_samples: float | None = None) -> Pair:
    """Take the wow and flutter out of the wet, where there is one.

    The latency is found, and the filter that the wandering lag is measured behind is solved, from
    the fitted part alone. The lag is measured in the held-out part too: like the latency it belongs
    to the recording, and no chain can foretell it.

    Args:
        pair: two recordings
        latency_samples: as given by the user

    Raises:
        MatchError: the fitted part of a recording is silent.

    Returns:
        the pair, with what was taken out of it and a sentence about that
    """
    rate = pair.dry.sample_rate
    given = None if latency_samples is None else latency_samples - pair.offset
    dry, wet = pair.dry.samples, pair.wet.samples
    found = align(*fitted_parts(pair), rate, latency_samples=given)
    latency = round(found.latency_samples)
    aligned = apply_alignment(dry, wet, replace(found, latency_samples=latency))
    flutter = measure_flutter(aligned.dry, aligned.wet, rate, pair.split.fitted)
    if flutter is None:
        note = (
            "too short, or silent, for the wow and flutter to be measured (at least "
            f"{SHORTEST_SECONDS:g} s): nothing was taken out of the wet"
        )
        return replace(pair, warnings=(*pair.warnings, note))
    if not flutter.certain:
        note = "the lag of the wet does not wander as that of a tape: nothing was taken out of it"
        return replace(pair, warnings=(*pair.warnings, note))
    note = (
        f"the lag of the wet wandered by {flutter.milliseconds:.2g} ms, its speed by "
        f"{flutter.percent:.2g} % (RMS); that was taken out of it, of the held-out part too: it is "
        "of this recording, so that it is not in the preset"
    )
    still = without_flutter(wet, flutter, latency)
    return replace(
        pair,
        wet=replace(pair.wet, samples=still),
        flutter=flutter,
        warnings=(*pair.warnings, note),
    )
