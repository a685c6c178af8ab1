"""Checks of an aligned pair: related recordings, in the right order, on equal clocks."""

from dataclasses import dataclass, replace

from fxchain.alignment.align import Alignment
from fxchain.alignment.clock_drift import ClockDrift, measure_drift
from fxchain.alignment.drift_removed import drift_removed
from fxchain.alignment.relatedness import Relatedness, relatedness
from fxchain.errors import MatchError
from fxchain.recordings.aligned_pair import AlignedPair, fitted_parts
from fxchain.recordings.pair import Pair
from fxchain.wording import counted

#: Recordings with less coherence and less correlation of their levels than this are unrelated. The
#: least of 42 recorded devices are 0.43 and 0.65; the most of unrelated recordings 0.15 and 0.33.
LEAST_COHERENCE, LEAST_PATTERN = 0.25, 0.5
#: Where the levels of the wet spread so much wider than those of the dry, dB, the two may be
#: swapped.
WIDER_DB = 4.0
#: Unless their levels go together where both are loud, as those of a gate, dB. The most of drawn
#: gates is 2.9, the least of swapped recordings 5.0.
LOUD_CHANGE_DB = 4.5
#: Also where it begins so much before the dry, s, and its levels spread no less, dB.
EARLY_SECONDS, EVEN_DB = 0.010, 0.5
#: How the sentence begins that says so.
SWAPPED = "dry and wet may be swapped"


@dataclass(frozen=True)
class PairCheck:
    """The measurements of a pair before it is matched.

    Attributes:
        relatedness: coherence and correlation of levels; None where they are too short
        drift: of the wet's clock against the dry's; None where they are too short
        corrected_ppm: drift that was removed from the wet before, parts per million
    """

    relatedness: Relatedness | None
    drift: ClockDrift | None
    corrected_ppm: float = 0.0

    def metrics(self) -> dict[str, float | None]:
        """Return what `metrics.json` holds of it."""
        shared, drift = self.relatedness, self.drift
        return {
            "coherence": None if shared is None else shared.coherence,
            "pattern_correlation": None if shared is None else shared.pattern,
            "level_spread_db": None if shared is None else shared.spread_db,
            "drift_ppm": drift.ppm if drift is not None and drift.certain else None,
            "corrected_drift_ppm": self.corrected_ppm,
        }


def drift_corrected(pair: Pair, latency_samples: float | None = None) -> tuple[Pair, float]:
    """Remove the drift of the wet's clock, where there is one.

    Args:
        pair: two recordings; the drift is measured in the fitted part alone
        latency_samples: as given by the user

    Returns:
        the pair, and the drift that was removed, parts per million

    Raises:
        MatchError: the fitted part of a recording is silent.
    """
    fitted_parts(pair)
    rate, span = pair.dry.sample_rate, slice(pair.begin, pair.split.fitted)
    given = None if latency_samples is None else latency_samples - pair.offset
    samples, total = drift_removed(pair.dry.samples, pair.wet.samples, rate, span, given)
    if not total:
        return pair, 0.0
    pair = replace(pair, wet=replace(pair.wet, samples=samples))
    note = f"the wet's clock was {_clock(total)}; that was taken out of it"
    return replace(pair, warnings=(*pair.warnings, note)), total


def check_pair(aligned: AlignedPair, corrected_ppm: float = 0.0) -> PairCheck:
    """Measure relatedness and drift of an aligned pair, in its fitted part.

    Args:
        aligned: the pair
        corrected_ppm: drift that was removed before, parts per million
    """
    problem = aligned.problem
    dry, wet = problem.dry, problem.wet[:, problem.first_valid :]
    return PairCheck(
        _relatedness(aligned),
        measure_drift(dry, wet, problem.sample_rate, -problem.first_valid),
        corrected_ppm,
    )


def _relatedness(aligned: AlignedPair) -> Relatedness | None:
    """Compare a pair at its latency; where nothing is shared there, at its loudest echo.

    Of an effect that is nearly wet, little of the wet lies at its latency.
    """
    problem = aligned.problem
    dry, wet, lag = problem.dry, problem.wet[:, problem.first_valid :], -problem.first_valid
    direct = relatedness(dry, wet, problem.sample_rate, lag)
    latency = aligned.alignment.latency_samples
    later = [rival for rival in aligned.alignment.rivals if rival.latency_samples > latency]
    if direct is None or not later or not _is_unrelated(direct):
        return direct
    loudest = max(later, key=lambda rival: abs(rival.height))
    behind = lag + round(loudest.latency_samples - latency)
    echo = relatedness(dry, wet, problem.sample_rate, behind)
    return direct if echo is None or _is_unrelated(echo) else echo


def _is_unrelated(shared: Relatedness) -> bool:
    return shared.coherence < LEAST_COHERENCE and shared.pattern < LEAST_PATTERN


def checked_pair(
    aligned: AlignedPair, corrected_ppm: float = 0.0, anyway: bool = False
) -> AlignedPair:
    """Return a pair with the warnings and measurements of its check.

    Args:
        aligned: the pair
        corrected_ppm: drift that was removed before, parts per million
        anyway: warn where the recordings seem to have nothing in common, instead of refusing

    Raises:
        MatchError: the recordings have nothing in common and `anyway` is off.
    """
    condition = check_pair(aligned, corrected_ppm)
    unrelated = unrelated_reason(condition, aligned.alignment)
    if unrelated and not anyway:
        raise MatchError(f"{unrelated}; if they do belong together, add --anyway")
    warnings = [unrelated] if unrelated else [*_order(condition, aligned), *_clocks(condition)]
    return replace(
        aligned,
        alignment_warnings=(*aligned.alignment_warnings, *warnings),
        warnings=(*aligned.warnings, *warnings),
        condition=condition.metrics(),
    )


def unrelated_reason(condition: PairCheck, alignment: Alignment) -> str:
    """Say that the recordings have nothing in common; an empty string where they have."""
    shared, drift = condition.relatedness, condition.drift
    if shared is None or (drift is not None and drift.certain):
        return ""
    if not _is_unrelated(shared):
        return ""
    return (
        "dry and wet seem to be unrelated recordings: at the best latency "
        f"({counted(alignment.latency_samples, 'sample')}) {shared.coherence:.0%} of the wet is "
        f"coherent with the dry (of real devices over 40 %), and loud and quiet correlate by "
        f"{shared.pattern:.2f} (over 0.6); check that both are of the same performance, and that "
        "the latency is not longer than the recording"
    )


def _order(condition: PairCheck, aligned: AlignedPair) -> list[str]:
    """Say that dry and wet seem to be swapped, or that a gate was at work, if so."""
    shared = condition.relatedness
    if shared is None:
        return []
    early = aligned.read.offset - aligned.alignment.latency_samples
    early /= aligned.problem.sample_rate
    if shared.spread_db >= WIDER_DB and shared.loud_change_db < LOUD_CHANGE_DB:
        return [
            "quiet passages are much quieter in the wet than in the dry, loud ones are not: a "
            "noise gate or an expander was at work"
        ]
    if shared.spread_db >= WIDER_DB:
        reason = (
            f"the levels of the wet spread {shared.spread_db:.1f} dB wider than the dry's, and "
            "effects nearly always make them narrower"
        )
    elif early >= EARLY_SECONDS and shared.spread_db > -EVEN_DB:
        reason = f"the wet begins {1e3 * early:.0f} ms before the dry"
    else:
        return []
    return [f"{SWAPPED}: {reason}"]


def _clocks(condition: PairCheck) -> list[str]:
    """Say that the clocks differ, if so."""
    drift = condition.drift
    if drift is None or not drift.certain:
        return []
    return [
        f"the wet's clock is {_clock(drift.ppm)}: the latency changes by "
        f"{drift.change_samples:+.1f} samples (± {drift.scatter_samples:.1f}) in the fitted part, "
        "which no effect can follow; take it out with --correct-drift"
    ]


def _clock(ppm: float) -> str:
    return f"{abs(ppm):.1f} parts per million {'slower' if ppm > 0 else 'faster'} than the dry's"
