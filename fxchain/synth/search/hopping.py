"""Jumps of a few knobs that belong together, each followed by a descent of all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.joint import Joint
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments
from fxchain.synth.search.space import Space, label

#: What the names of shared knobs that belong together begin with.
_TOGETHER = (("amp_",), ("cutoff_", "resonance", "key_", "filter_"), ("unison_",), ("vibrato_",))

_DESCENT = LevenbergMarquardt(steps=5, reuse_jacobian=True, phase="jumps")


@dataclass(frozen=True)
class BlockHopping:
    """Basin hopping in one block of coordinates after the other.

    A block is drawn evenly, several times; a few second-order steps of all coordinates follow from
    the best draw, and the result is kept where it is better. It ends with the budget.

    Attributes:
        blocks: coordinates of each
        seed: of the draws
        draws: how many of a block
        descent: what follows
        passes: how often all blocks are tried at most
        enough: it ends at this loss

    Source:
        Wales and Doye 1997 (basin hopping), with jumps in coordinates that belong together
    """

    blocks: Sequence[np.ndarray]
    seed: int
    draws: int = 24
    descent: LevenbergMarquardt = _DESCENT
    passes: int = 20
    enough: float = 0.0

    def minimize(
        self,
        objective: ResidualObjective | Moments | Joint,
        cube: np.ndarray,
        budget: BudgetView,
    ) -> Minimum:
        """Return the best cube met, never worse than the start; see `Optimizer`."""
        rng, taken = np.random.default_rng((self.seed, 31)), 0
        best = Minimum(cube, float(objective.losses(cube[None])[0]))
        for _ in range(self.passes):
            for block in rng.permutation(len(self.blocks)):
                index = self.blocks[block]
                tried = np.repeat(best.cube[None], self.draws, axis=0)
                tried[:, index] = rng.uniform(0.0, 1.0, (self.draws, len(index)))
                if budget.over or best.loss < self.enough:
                    return best
                budget.begin()
                losses = objective.losses(tried)
                start = tried[int(np.argmin(losses))]
                budget.step("jumps", min(best.loss, float(losses.min())))
                found = self.descent.minimize(objective, start, budget)
                taken += 1 + found.steps
                if found.loss < best.loss:
                    best = Minimum(found.cube, found.loss, taken)
        return best


def blocks_of(space: Space, moved: np.ndarray) -> list[np.ndarray]:
    """Return the blocks of a space: each source, amplitude, filter, unison, vibrato.

    Args:
        space: the coordinates
        moved: those that may move
    """
    beginnings = [(f"{label(*each)}.",) for each in space.sources] + list(_TOGETHER)
    found = [
        [index for index in moved if space.names[index].startswith(each)] for each in beginnings
    ]
    return [np.array(block, dtype=int) for block in found if block]
