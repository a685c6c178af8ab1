"""The objective of a transfer: distances from the references, and a prior over the knobs."""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from fxchain.player import Playback
from fxchain.stage import Stage
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.series import split_before
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.prior import Prior, default_prior
from fxchain.transferring.target import Target

#: The content distance may be smaller than measured, by up to DISTANCE_SPAN · (1 − distance); the
#: likelihood is summed over DISTANCE_STEPS values.
DISTANCE_SPAN, DISTANCE_STEPS = 0.3, 3
#: Squared distances d count as TAIL · log(1 + d / TAIL): outliers count less.
TAIL = 1.0
#: Between different instruments one cause, as how percussive they are, moves many losses at once:
#: the log likelihood is divided by 1 + CORRELATED · content distance.
CORRELATED = 1.5


@dataclass(frozen=True, eq=False)
class StyleTask:
    """The excerpt that a chain processes, and the targets of its output.

    Attributes:
        audio: (channels, samples), the excerpt of the input
        playback: its sample rate, and where it begins in the input
        targets: of each loss
        content_distance: between input and references, 0 as sections of one recording, 1 as
            different instruments
    """

    audio: Tensor
    playback: Playback
    targets: tuple[Target, ...]
    content_distance: float


class TransferObjective(KnobVector):
    """The negative log posterior of the knobs, and its gradient.

    With the knobs x in the unit cube, the prior's mean m and deviation s, and the content distance
    c, which is known only to within an interval, it is

        Σ ½ ((x − m) / s)²  −  log Σ_c Π p(distance of the loss | c)

    Each loss tolerates little between sections of one recording (c = 0) and much between different
    instruments (c = 1). Where the instruments differ, the references therefore weigh little against
    the prior.

    A position holds the free knobs, each 0 to 1 over the interval that the prior allows.

    Args:
        stage: the chain's structure
        values: (size,), physical; those that are not free stay
        free: (size,), bool
        task: what is played and compared
        prior: of the free knobs; None: the default one around the values
        fixed_penalty: the prior's penalty of knobs that are no longer in the chain
    """

    def __init__(
        self,
        stage: Stage,
        values: np.ndarray,
        free: np.ndarray,
        task: StyleTask,
        prior: Prior | None = None,
        fixed_penalty: float = 0.0,
    ) -> None:
        super().__init__(stage, values, free)
        self.task, self.fixed_penalty = task, fixed_penalty
        self.prior = default_prior(self.slots, self.base[free]) if prior is None else prior
        span = DISTANCE_SPAN * min(max(1.0 - task.content_distance, 0.0), 1.0)
        self._content_distances = torch.linspace(
            task.content_distance - span, task.content_distance, DISTANCE_STEPS
        )
        self._low, self._width = self.prior.low, self.prior.high - self.prior.low

    def position(self, values: np.ndarray) -> np.ndarray:
        """Return where (size,) physical values lie in the prior's intervals, (knobs,)."""
        return np.clip((self.cube(values) - self._low) / self._width, 0.0, 1.0)

    def values_at(self, position: np.ndarray) -> np.ndarray:
        """Return all physical values (size,) at a position."""
        return self.values(self._low + self._width * np.asarray(position))

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the losses (population,) of positions (population, knobs)."""
        with torch.no_grad():
            found = [float(self._loss(torch.from_numpy(np.array(each)))) for each in population]
        return np.nan_to_num(np.array(found), nan=np.inf, posinf=np.inf)

    def gradient(self, position: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and its gradient (knobs,) by autograd."""
        here = torch.from_numpy(np.array(position)).requires_grad_()
        loss = self._loss(here)
        (gradient,) = torch.autograd.grad(loss, here)
        return float(loss.detach()), np.nan_to_num(gradient.numpy())

    def end(self, count: int, position: np.ndarray) -> "TransferObjective":
        """Return the objective over the chain's last stages; the first ones are played only once.

        Args:
            count: how many of the chain's stages are kept where they are
            position: (knobs,)
        """
        head, tail = split_before(self.stage, self.values_at(position), self.free, count)
        with torch.no_grad():
            values = torch.from_numpy(head.values)[None]
            played = head.stage.process(self.task.audio[None], self.task.playback, values)[0]
        first = int(head.free.sum())
        penalty = self._penalty(self._cube(torch.from_numpy(np.array(position))))
        return TransferObjective(
            tail.stage,
            tail.values,
            tail.free,
            replace(self.task, audio=played),
            self.prior.only(slice(first, None)),
            self.fixed_penalty + float(penalty[:first].sum()),
        )

    def _cube(self, position: Tensor) -> Tensor:
        return torch.from_numpy(self._low) + torch.from_numpy(self._width) * position

    def descriptors(self, values: Tensor) -> Descriptors:
        """Return the descriptors of the chain's output with (size,) physical values."""
        played = self.stage.process(self.task.audio[None], self.task.playback, values[None])[0]
        return Descriptors(played, round(self.task.playback.sample_rate))

    def _loss(self, position: Tensor) -> Tensor:
        cube = self._cube(position)
        output = self.descriptors(self.tensor_values(cube))
        total = self.fixed_penalty + self._penalty(cube).sum()
        return total - torch.logsumexp(self._log_likelihoods(output), 0)

    def _log_likelihoods(self, output: Descriptors) -> Tensor:
        """Return the log likelihood at each content distance, (content distances,)."""
        total = torch.zeros_like(self._content_distances)
        for each in self.task.targets:
            loss = each.loss
            growth = math.log(loss.between_scale / loss.within_scale) * self._content_distances
            squared = each.distance(output, self.task.content_distance) * torch.exp(-2.0 * growth)
            misfit = TAIL * torch.log1p(squared / TAIL)
            total = total - loss.effective_observations * (0.5 * misfit + growth)
        return total / (1.0 + CORRELATED * max(self.task.content_distance, 0.0))

    def _penalty(self, cube: Tensor) -> Tensor:
        """Return the prior's penalty ½ ((x − m) / s)² of each knob, (knobs,)."""
        mean, deviation = (torch.from_numpy(x) for x in (self.prior.mean, self.prior.deviation))
        return 0.5 * ((cube - mean) / deviation).square()
