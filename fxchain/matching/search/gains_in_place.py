"""Effects of a chain as the gain that comes nearest to them.

Where an effect hardly does anything but change the level, what stands behind it still needs that
level: a drive, a compressor. At the end of the chain a gain cannot make up for it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fxchain.matching.search.left_out import MakeError, residual_of
from fxchain.stage import Chain, Effect
from fxchain.stage.slot import below
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_levels import gain_units, gains_moved
from fxchain.structure.canonical_tree import Node, candidate_of, nodes_of
from fxchain.structure.edits import Part


@dataclass(frozen=True)
class GainInPlace:
    """An effect as a gain.

    Attributes:
        stage_id: of the effect
        factor: output ≈ factor · input, by least squares
    """

    stage_id: str
    factor: float


def gain_in_place(candidate: Candidate, part: Part, make_error: MakeError) -> GainInPlace | None:
    """Return the gain that an effect comes nearest to; None where a gain behind the chain does.

    That is so where all behind it is linear. Filters are not looked at, since shelves are turned
    (`fxchain.structure.canonical_shelves`), and neither is what stands inside mixes. Where the
    level of the wet is free, so is that of each part, and the gain is 1; what it leaves decides.

    Args:
        candidate: the chain
        part: an effect of it
        make_error: gives the error of a candidate, by which it is played
    """
    stage = candidate.stage
    if not isinstance(stage, Chain):
        return None
    places = [below("", "chain", at) for at in range(len(stage.stages))]
    if part.path not in places:
        return None
    at = places.index(part.path)
    here = stage.stages[at]
    behind = stage.stages[at + 1 :]
    if not isinstance(here, Effect) or _is_linear(here) or all(map(_is_linear, behind)):
        return None
    before, after = (_played(candidate, count, make_error) for count in (at, at + 1))
    energy = float(before @ before)
    factor = float(before @ after) / energy if energy > 0.0 else 0.0
    return GainInPlace(here.id, factor) if factor > 0.0 and math.isfinite(factor) else None


def with_gains_in_place(candidate: Candidate, gains: Mapping[str, float]) -> Candidate | None:
    """Return a chain in which effects are gains, moved into what absorbs them.

    Args:
        candidate: the chain
        gains: factors by the ids of effects

    Returns:
        the chain without a loss; None where it does not have fewer values
    """
    nodes: list[Node] = []
    for node in nodes_of(candidate):
        stage_id = getattr(getattr(node, "effect", node), "id", "")
        nodes += gain_units(gains[stage_id]) if stage_id in gains else (node,)
    found = candidate_of(gains_moved(nodes), candidate)
    return found.at(found.values) if len(found.values) < len(candidate.values) else None


def _is_linear(stage: object) -> bool:
    return isinstance(stage, Effect) and stage.primitive.nature == "filter"


def _played(candidate: Candidate, count: int, make_error: MakeError) -> np.ndarray:
    """Return what the first stages of a chain play, as the error compares it, (samples,)."""
    stages = candidate.stage.stages[:count]  # type: ignore[attr-defined]
    head = Chain(stages)
    part = Candidate(head, candidate.values[: head.size], candidate.free[: head.size])
    target = make_error(part).target
    found: np.ndarray = (residual_of(part, make_error) + target).astype(np.float64)
    return found
