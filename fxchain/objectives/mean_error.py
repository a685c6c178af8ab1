"""One error for several recordings of one device: the mean of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.waveform_error import ChainLinearization, WaveformError
from fxchain.stage import Slot, Stage


@dataclass(frozen=True)
class MeanLinearization:
    """Several errors near a cube, as planes; see `fxchain.optim.base.Linearization`."""

    members: tuple[ChainLinearization, ...]

    @property
    def loss(self) -> float:
        """Return the mean of the losses."""
        return float(np.mean([member.loss for member in self.members]))

    @cached_property
    def gauss_newton_hessian(self) -> np.ndarray:
        """Return that of the mean, (moved, moved)."""
        mean: np.ndarray = np.mean([member.gauss_newton_hessian for member in self.members], axis=0)
        return mean

    @property
    def slope(self) -> np.ndarray:
        """Return that of the mean, (moved,)."""
        mean: np.ndarray = np.mean([member.slope for member in self.members], axis=0)
        return mean

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return columns · another residual (samples,), all errors one after the other."""
        ends = np.cumsum([member.jacobian.shape[1] for member in self.members])
        pieces = zip(self.members, np.split(residual, ends[:-1]), strict=True)
        total: np.ndarray = np.sum([member.project(piece) for member, piece in pieces], axis=0)
        return total * len(self.members) ** -0.5


class MeanError:
    """The mean of the error-to-signal ratios of one chain on several excerpts, and its slopes.

    Every excerpt counts alike, however loud or long it is.

    Args:
        members: of one chain with the same free values, at one sample rate; at least one
    """

    def __init__(self, members: Sequence[WaveformError]) -> None:
        self.members = tuple(members)
        first = self.members[0]
        self.stage, self.base, self.free = first.stage, first.base, first.free
        self.sample_rate = first.sample_rate
        self.slots: tuple[Slot, ...] = first.slots
        self._share = 1.0 / len(self.members)

    def cube(self, values: np.ndarray) -> np.ndarray:
        """Return the positions of the free values of (size,) physical values."""
        return self.members[0].cube(values)

    def values(self, cube: np.ndarray) -> np.ndarray:
        """Return all physical values (size,) at a cube."""
        return self.members[0].values(cube)

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the mean ratios (population,) of cubes (population, dimension)."""
        return np.mean([member.losses(population) for member in self.members], axis=0)

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return all errors one after the other, (samples,); the squared norm is the loss."""
        parts = [member.residual(cube) for member in self.members]
        return np.concatenate(parts) * np.float32(self._share**0.5)

    @property
    def target(self) -> np.ndarray:
        """Return all wets one after the other on the scale of the residual, (samples,)."""
        parts = [member.target for member in self.members]
        return np.concatenate(parts) * np.float32(self._share**0.5)

    def jacobian(self, cube: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return how the residual moves along ascending coordinates, (len(index), samples)."""
        parts = [member.jacobian(cube, index) for member in self.members]
        return np.concatenate(parts, axis=1) * np.float32(self._share**0.5)

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> "MeanLinearization":
        """Return the slopes of all errors along ascending coordinates."""
        return MeanLinearization(tuple(member.linearize(cube, index) for member in self.members))

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the mean of the losses that forgive phase, and its gradient (dimension,)."""
        losses, gradients = zip(*(member.gradient(cube) for member in self.members), strict=True)
        return float(np.mean(losses)), np.mean(gradients, axis=0)

    def spectral(self, cube: np.ndarray) -> tuple[float, float, np.ndarray]:
        """Return the means of errors, of spectral distances, and of these distances' gradients."""
        found = zip(*(member.spectral(cube) for member in self.members), strict=True)
        errors, distances, gradients = found
        return float(np.mean(errors)), float(np.mean(distances)), np.mean(gradients, axis=0)

    def end(self, count: int, cube: np.ndarray) -> "MeanError":
        """Return the error over the chain's end alone; its first `count` stages stay at a cube."""
        return MeanError([member.end(count, cube) for member in self.members])

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates whose slopes are known: those second-order steps move."""
        return self.members[0].jacobian_indices()

    def autograd_indices(self) -> np.ndarray:
        """Return the coordinates the gradient moves."""
        return self.members[0].autograd_indices()

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates evolution moves: those autograd does not see."""
        return self.members[0].evolution_indices()

    def quantized_indices(self) -> np.ndarray:
        """Return the coordinates of times that are cut to whole samples."""
        return self.members[0].quantized_indices()


#: The error on one excerpt or on several.
AnyObjective = WaveformError | MeanError


def make_objective(
    stage: Stage,
    values: np.ndarray,
    free: np.ndarray,
    excerpts: Sequence[Excerpt],
    sample_rate: int,
    weighting: float = 0.0,
) -> AnyObjective:
    """Return the error of a chain on one excerpt, or the mean of its errors on several.

    Args:
        stage: the chain's structure
        values: (size,), physical; those that are not free stay
        free: (size,), bool
        excerpts: dry and wet, at least one
        sample_rate: Hz
        weighting: strength of the spectral weighting of each error, 0 to 1
    """
    members = [
        WaveformError(stage, values, free, excerpt, sample_rate, weighting) for excerpt in excerpts
    ]
    return members[0] if len(members) == 1 else MeanError(members)
