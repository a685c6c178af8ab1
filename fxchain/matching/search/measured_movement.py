"""A chain with what was measured of a movement behind it, and what is said about it."""

import numpy as np

from fxchain.periodic.measured import MeasuredPeriodicFilter
from fxchain.periodic.measured_allpass import MeasuredAllpass
from fxchain.periodic.measured_delay import MeasuredDelay
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages

Measured = MeasuredPeriodicFilter | MeasuredDelay | MeasuredAllpass

PERIODIC, DELAY = get_primitive("periodic_filter"), get_primitive("modulated_delay")
ALLPASS = get_primitive("modulated_allpass")
_KINDS = (PERIODIC.kind, DELAY.kind, ALLPASS.kind)


def with_periodic_filter(
    before: Candidate, found: Measured, latency_shifts: tuple[float, ...]
) -> Candidate:
    """Return a chain with what was measured behind it, whose rates and phases are free.

    Args:
        before: the chain
        found: what was measured
        latency_shifts: of the recordings in which it was
    """
    values = {"depth": 1.0, "mix": 1.0, "phase_degrees": 0.0, "second_phase_degrees": 0.0}
    rates = dict(zip(("rate_hz", "second_rate_hz"), found.rates_hz, strict=False))
    if isinstance(found, MeasuredDelay):
        assets = {"delays": found.delays, "responses": found.responses}
        effect, values = Effect(DELAY, assets), values | found.values
        latency_shifts = tuple(each + found.latency_samples for each in latency_shifts)
    elif isinstance(found, MeasuredAllpass):
        assets = {"corners": found.corners, "stages": found.stages, "responses": found.responses}
        effect, values = Effect(ALLPASS, assets), values | found.values
    else:
        effect = Effect(PERIODIC, {"responses": found.responses}, apart=_apart(found))
        rates = {"rate_hz": found.rates_hz[0]}
    free = [*rates, *(name.replace("rate_hz", "phase_degrees") for name in rates)]
    specs = effect.primitive.parameters
    named = {spec.name: spec.default for spec in specs} | values | rates
    return Candidate(
        Chain((*top_stages(before.stage), effect)),
        np.array([*before.values, *(named[spec.name] for spec in specs)]),
        np.array([*before.free, *(spec.name in free for spec in specs)]),
        latency_shifts=latency_shifts,
    )


def _apart(found: MeasuredPeriodicFilter) -> tuple[tuple[float, ...], ...]:
    """Return by how much rate and phase differ in each recording but the first."""
    names = [spec.name for spec in PERIODIC.parameters]
    pairs = list(zip(found.rates_hz, found.phases_degrees, strict=True))
    rows = [
        {"rate_hz": hertz - pairs[0][0], "phase_degrees": degrees - pairs[0][1]}
        for hertz, degrees in pairs[1:]
    ]
    return tuple(tuple(row.get(name, 0.0) for name in names) for row in rows)


def has_periodic_filter(candidate: Candidate | None) -> bool:
    """Tell whether a chain has a measured filter that changes periodically, in its main line."""
    return candidate is not None and any(map(_is_periodic, top_stages(candidate.stage)))


def describe_periodic(candidate: Candidate | None) -> tuple[str, ...]:
    """Return a sentence for the user where a chain has a periodic filter."""
    if candidate is None or not has_periodic_filter(candidate):
        return ()
    slots = zip(candidate.stage.slots(), candidate.values, candidate.free, strict=True)
    found = [
        (slot.kind, f"{value:.3g}")
        for slot, value, free in slots
        if slot.kind in _KINDS and free and slot.spec.name.endswith("rate_hz")
    ]
    rates = " and ".join(rate for _, rate in found)
    what = _of_copy(candidate.stage)
    if what is not None:
        return (
            f"the effect moves, at {rates} Hz: {what} measured, with the filters "
            "of both, and stands at the end of the chain. Rate and phase are those of this "
            "recording; render --align-to finds those of another; --only-knobs leaves it out",
        )
    several = _recordings(candidate.stage)
    if several > 1:
        return (
            f"the effect moves, at {rates} Hz: a filter that changes periodically was measured in "
            f"{several} recordings together and stands at the end of the chain. Rate and phase are "
            "those of the first, those of the others are in metrics.json; render --align-to finds "
            "those of another; --only-knobs leaves it out",
        )
    return (
        f"the effect moves, at {rates} Hz: a filter that changes periodically was measured and "
        "stands at the end of the chain. It captures what was played in this recording, rate and "
        "phase included, not the device; --only-knobs leaves it out",
    )


def _recordings(stage: Stage) -> int:
    """Return how many recordings the periodic filters of a chain were measured in."""
    periodic = [each for each in top_stages(stage) if isinstance(each, Effect)]
    counts = (1 + len(each.apart) for each in periodic if each.primitive is PERIODIC)
    return max(counts, default=1)


def _of_copy(stage: Stage) -> str | None:
    """Return what was measured of a copy that moves; None where there is none."""
    for each in filter(_is_periodic, top_stages(stage)):
        if isinstance(each, Effect) and each.primitive is DELAY:
            return "the delay of a copy was"
        if isinstance(each, Effect) and each.primitive is ALLPASS:
            count = each.assets["stages"].samples.shape[1]
            return f"the corners of {count} all-passes before a copy were"
    return None


def _is_periodic(stage: Stage) -> bool:
    return isinstance(stage, Effect) and stage.primitive.kind in _KINDS
