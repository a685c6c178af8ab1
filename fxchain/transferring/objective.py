"""How unlikely a chain is, given what the references sound like: losses and the price of knobs."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from fxchain.player import Playback
from fxchain.stage import Chain, Stage
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.series import top_stages
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.prior import Prior, sensible
from fxchain.transferring.target import Target

#: The contents may be more alike than they seem: so much, where they seem to be the same.
MORE_ALIKE, STEPS = 0.3, 3
#: Differences several times the typical one count less and less.
TAIL = 1.0
#: Of different instruments one cause, as how percussive they are, is heard by many losses; so much
#: less the likelihood counts then.
CORRELATED = 1.5


class TransferObjective(KnobVector):
    """The negative logarithm of how likely the knobs are, and its gradient.

    How alike the contents are is not known beforehand, so the likelihood is a sum over that: each
    loss tolerates little between sections of one recording and much between different instruments,
    and all losses together tell which it is. Where the instruments differ, references pull little,
    and the price of a dB, which the prior sets, is relatively high.

    A position holds the free knobs, each 0 to 1 over the way that the prior allows.

    Args:
        stage: the chain's structure
        values: (size,), physical; those that are not free stay
        free: (size,), bool
        audio: (channels, samples), the excerpt that is played
        sample_rate: Hz
        wanted: what each loss wants
        unlikeness: how unlike the contents are, 0 as sections of one recording, 1 as different
            instruments
        prior: of the free knobs; None: the sensible one around the values
        paid: the price of knobs that are no longer in the chain
    """

    def __init__(
        self,
        stage: Stage,
        values: np.ndarray,
        free: np.ndarray,
        audio: Tensor,
        sample_rate: int,
        wanted: Sequence[Target],
        content_distance: float,
        prior: Prior | None = None,
        paid: float = 0.0,
    ) -> None:
        super().__init__(stage, values, free)
        self.audio, self.sample_rate, self.wanted = audio, sample_rate, tuple(wanted)
        self.content_distance, self.paid = content_distance, paid
        self.prior = sensible(self.slots, self.base[free]) if prior is None else prior
        alike = MORE_ALIKE * min(max(1.0 - content_distance, 0.0), 1.0)
        self._unlikenesses = torch.linspace(content_distance - alike, content_distance, STEPS)
        self._low, self._way = self.prior.low, self.prior.high - self.prior.low

    def position(self, values: np.ndarray) -> np.ndarray:
        """Return where (size,) physical values stand on the prior's ways, (knobs,)."""
        return np.clip((self.cube(values) - self._low) / self._way, 0.0, 1.0)

    def values_at(self, position: np.ndarray) -> np.ndarray:
        """Return all physical values (size,) at a position."""
        return self.values(self._low + self._way * np.asarray(position))

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

    def distances(self, position: np.ndarray) -> dict[str, float]:
        """Return each loss's distance, about 1 for another section of the same recording."""
        with torch.no_grad():
            heard = self.hear(self.tensor_values(self._cube(torch.from_numpy(np.array(position)))))
            return {each.loss.name: float(each.distance(heard)) for each in self.wanted}

    def end(self, count: int, position: np.ndarray) -> "TransferObjective":
        """Return the objective over the chain's end alone; its beginning is played only once.

        Args:
            count: how many of the chain's stages are its beginning
            position: (knobs,), where the beginning stays
        """
        stages = top_stages(self.stage)
        head, tail = Chain(stages[:count]), Chain(stages[count:])
        values, place = self.values_at(position), head.size
        with torch.no_grad():
            settled = torch.from_numpy(values[:place])[None]
            played = head.process(self.audio[None], Playback(self.sample_rate), settled)[0]
        first = int(self.free[:place].sum())
        return TransferObjective(
            tail,
            values[place:],
            self.free[place:],
            played,
            self.sample_rate,
            self.wanted,
            self.content_distance,
            self.prior.only(slice(first, None)),
            self.paid
            + float(self._price(self._cube(torch.from_numpy(np.array(position))))[:first].sum()),
        )

    def _cube(self, position: Tensor) -> Tensor:
        return torch.from_numpy(self._low) + torch.from_numpy(self._way) * position

    def hear(self, values: Tensor) -> Descriptors:
        """Return what the chain makes of the excerpt with (size,) physical values."""
        played = self.stage.process(self.audio[None], Playback(self.sample_rate), values[None])[0]
        return Descriptors(played, self.sample_rate)

    def _loss(self, position: Tensor) -> Tensor:
        cube = self._cube(position)
        heard = self.hear(self.tensor_values(cube))
        total = self.paid + self._price(cube).sum()
        return total - torch.logsumexp(self._likelihoods(heard), 0)

    def _likelihoods(self, heard: Descriptors) -> Tensor:
        """Return the logarithm of the likelihood at each unlikeness, (unlikenesses,)."""
        total = torch.zeros_like(self._unlikenesses)
        for each in self.wanted:
            growth = math.log(each.loss.between_scale / each.loss.within_scale) * self._unlikenesses
            excess = each.distance(heard, self.content_distance) * torch.exp(-2.0 * growth)
            misfit = TAIL * torch.log1p(excess / TAIL)
            total = total - each.loss.counts * (0.5 * misfit + growth)
        return total / (1.0 + CORRELATED * max(self.content_distance, 0.0))

    def _price(self, cube: Tensor) -> Tensor:
        """Return what the prior asks for each knob, (knobs,)."""
        mean, deviation = (torch.from_numpy(x) for x in (self.prior.mean, self.prior.deviation))
        return 0.5 * ((cube - mean) / deviation).square()
