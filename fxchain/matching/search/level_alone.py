"""Pairs whose wet is the dry: at the same level or another, inverted or not."""

import math
from collections.abc import Sequence

import numpy as np

from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.recordings.problem import Problem
from fxchain.structure.canonical_levels import gain_units
from fxchain.structure.canonical_tree import candidate_of
from fxchain.structure.proposal import empty_chain
from fxchain.structure.template import Template

#: An error-to-signal ratio below this is what rounding of floats leaves.
EXACT = 1e-9
#: What rounding to 16 bit leaves: the highest error, full scale 1, and the most of the energy.
ROUNDED, MOST_ROUNDED = 2.0**-15, 1e-6
#: A smaller change of level is none, dB.
NO_LEVEL_DB = 1e-3


def level_alone(
    problems: Sequence[Problem], template: Template, budget: Budget
) -> FitResult | None:
    """Return a gain, an inversion, both or nothing where that is all between dry and wet.

    Args:
        problems: of one device
        template: the chain that was asked for; where no other one will do, the answer is None
        budget: its history gets an entry

    Returns:
        what a search would return, with a sentence; None where more is needed
    """
    asked = template.locked or template.started or not template.grows
    if asked or any(problem.gain_free for problem in problems):
        return None
    parts = [_compared(problem) for problem in problems]
    gain = _gain(parts)
    if gain * template.polarity <= 0.0:
        return None
    errors = [_error(dry, wet, gain) for dry, wet in parts]
    if not all(_is_rounding(*error) for error in errors):
        return None
    level_db = 20.0 * math.log10(abs(gain))
    factor = math.copysign(1.0, gain) if abs(level_db) < NO_LEVEL_DB else gain
    candidate = candidate_of(gain_units(factor), empty_chain())
    loss = float(np.mean([error for error, _ in errors]))
    budget.report("level alone", loss)
    return FitResult(
        candidate.stage,
        candidate.values,
        loss,
        history=budget.history,
        free=candidate.free,
        notes=(_sentence(template.polarity, level_db),),
    )


def _compared(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return what is known of dry and wet, (channels, samples) each."""
    known = problem.known()
    dry, wet = (audio[:, problem.first_valid :] for audio in (problem.dry, problem.wet))
    return (dry, wet) if known.all() else (dry[:, known], wet[:, known])


def _gain(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return the gain with the least mean error-to-signal ratio."""
    common = energy = 0.0
    for dry, wet in parts:
        weight = max(_dot(wet, wet), 1e-30)
        common += _dot(dry, wet) / weight
        energy += _dot(dry, dry) / weight
    return common / max(energy, 1e-30)


def _error(dry: np.ndarray, wet: np.ndarray, gain: float) -> tuple[float, float]:
    """Return the error-to-signal ratio of a gain, and the highest error."""
    left = wet - np.float32(gain) * dry
    return _dot(left, left) / max(_dot(wet, wet), 1e-30), float(np.abs(left).max())


def _is_rounding(error: float, highest: float) -> bool:
    return error < EXACT or (highest <= ROUNDED and error < MOST_ROUNDED)


def _dot(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.einsum("ct,ct->", first, second, dtype=np.float64))


def _sentence(polarity: int, level_db: float) -> str:
    if abs(level_db) < NO_LEVEL_DB:
        if polarity > 0:
            return "the recordings are identical: no effect is needed"
        return "the wet recording is the dry one inverted: no other effect is needed"
    inverted = ", inverted" if polarity < 0 else ""
    return (
        f"the wet recording is the dry one at another level ({level_db:+.2f} dB{inverted}): no "
        "other effect is needed"
    )
