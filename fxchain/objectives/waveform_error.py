"""The error between a chain's output and the wet recording, over the unit cube."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from fxchain.metrics.error_to_signal import error_to_signal, signal_energy
from fxchain.metrics.spectral_loss import SpectralLoss
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.level_normalization import level_normalized, level_normalized_with_jacobian
from fxchain.objectives.loudness_weighting import loudness_weighting
from fxchain.objectives.spectral_weighting import make_weighting
from fxchain.objectives.weighted_output import WeightedOutput
from fxchain.stage import Stage
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.plugins import hosted
from fxchain.structure.series import split_before


@dataclass(frozen=True)
class ChainLinearization:
    """A chain's error near a cube; see `fxchain.optim.base.Linearization`.

    Attributes:
        loss: there
        curvature: (moved, moved)
        slope: (moved,)
        columns: (moved, samples), of the output itself, where they were computed
        scale: makes columns of the residual of them
    """

    loss: float
    gauss_newton_hessian: np.ndarray
    slope: np.ndarray
    jacobian: Tensor
    scale: float

    def project(self, residual: np.ndarray) -> np.ndarray:
        """Return columns · another residual (samples,)."""
        there = torch.from_numpy(residual).to(self.jacobian.device)
        found: np.ndarray = (self.jacobian @ there).double().cpu().numpy()
        return self.scale * found


class WaveformError(KnobVector):
    """Error-to-signal ratio of a chain on an excerpt, and its slopes.

    With g the loudness weighting and W the spectral one, E = ‖g·W(y − w)‖² / ‖g·W·w‖² between the
    output y and the wet w. The exponent of g is that of the excerpt, or the strength of W where
    that is larger. A cube holds the positions of the free values alone; the others stay.

    Args:
        stage: the chain's structure
        values: (size,), physical; those that are not free stay
        free: (size,), bool
        excerpt: dry and wet
        sample_rate: Hz
        weighting: strength of the spectral weighting of the error, 0 to 1
    """

    def __init__(
        self,
        stage: Stage,
        values: np.ndarray,
        free: np.ndarray,
        excerpt: Excerpt,
        sample_rate: int,
        weighting: float = 0.0,
    ) -> None:
        super().__init__(stage, values, free)
        self.excerpt, self.sample_rate = excerpt, sample_rate
        self._playback = excerpt.playback(sample_rate)
        self._dry = torch.from_numpy(np.ascontiguousarray(excerpt.dry))
        wet = torch.from_numpy(np.ascontiguousarray(excerpt.wet))
        compared = excerpt.wet[:, excerpt.first_valid :]
        weights = make_weighting(compared, sample_rate, weighting) if weighting else None
        self._output = WeightedOutput(stage, weights)
        wet = self._output.filtered(wet[None], sample_rate)[0]
        self._device = torch.device(excerpt.torch_device)
        strength = max(excerpt.loudness_weighting, weighting)
        gain = loudness_weighting(compared, sample_rate, strength) * excerpt.known()
        self._loudness_gain = torch.from_numpy(gain)
        self._wet = self._compared(wet)
        self._energy = signal_energy(self._wet)

    def losses(self, population: np.ndarray) -> np.ndarray:
        """Return the error-to-signal ratios (population,) of cubes (population, dimension).

        Plug-ins of other makers are asked for all of them at once.
        """
        count = max(len(population), 1) if self._has_plugins else 1
        parts = [population[at : at + count] for at in range(0, len(population), count)]
        return np.array([self._loss(residual) for part in parts for residual in self._each(part)])

    def _loss(self, residual: Tensor) -> float:
        loss = float(error_to_signal(residual.double(), self._energy))
        return loss if np.isfinite(loss) else np.inf

    def _residual(self, cube: np.ndarray) -> Tensor:
        return self._each(cube[None])[0]

    def _each(self, cubes: np.ndarray) -> list[Tensor]:
        """Return the residuals at cubes, whose outputs are played at once."""
        with torch.no_grad():
            values = torch.stack([self.tensor_values(torch.from_numpy(cube)) for cube in cubes])
            outputs = self._output.process(self._dry[None], self._playback, values)
        return [self._error(*pair) for pair in zip(cubes, outputs, strict=True)]

    def _error(self, cube: np.ndarray, output: Tensor) -> Tensor:
        """Return the residual at a cube (dimension,) whose output is given."""
        return self._normalized(output) - self._wet

    def _compared(self, audio: Tensor) -> Tensor:
        """Return what is compared of (…, samples): without the warm-up, times the loudness gain."""
        return audio[..., self.excerpt.first_valid :] * self._loudness_gain.to(audio)

    def _normalized(self, output: Tensor) -> Tensor:
        """Return what is compared of an output (channels, samples), scaled where that is free."""
        output = self._compared(output)
        return level_normalized(output, self._wet) if self.excerpt.gain_free else output

    def residual(self, cube: np.ndarray) -> np.ndarray:
        """Return the error, (samples,), scaled so that its squared norm is the loss."""
        return (self._residual(cube).reshape(-1) / self._energy**0.5).numpy()

    @property
    def target(self) -> np.ndarray:
        """Return the wet on the scale of the residual, (samples,)."""
        return (self._wet.reshape(-1) / self._energy**0.5).numpy()

    def jacobian(self, cube: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return how the residual moves along ascending coordinates, (len(index), samples)."""
        return (self._linearized(cube, index)[1] / self._energy**0.5).cpu().numpy()

    def linearize(self, cube: np.ndarray, index: np.ndarray) -> "ChainLinearization":
        """Return the residual's slopes along ascending coordinates."""
        residual, jacobian = self._linearized(cube, index)
        return ChainLinearization(
            loss=float(error_to_signal(residual.double(), self._energy)),
            gauss_newton_hessian=((jacobian @ jacobian.T).double().cpu() / self._energy).numpy(),
            slope=((jacobian @ residual.to(self._device)).double().cpu() / self._energy).numpy(),
            jacobian=jacobian,
            scale=self._energy**-0.5,
        )

    def _linearized(self, cube: np.ndarray, index: np.ndarray) -> tuple[Tensor, Tensor]:
        position = torch.from_numpy(np.array(cube)).requires_grad_()
        scale = position.detach()
        if self.slots:
            with torch.enable_grad():
                (scale,) = torch.autograd.grad(self.tensor_values(position).sum(), position)
        active = np.zeros(len(self.free), dtype=bool)
        active[np.flatnonzero(self.free)[index]] = True
        with torch.no_grad():
            output, jacobian = self._output.linearize(
                self._dry,
                self._playback,
                self.tensor_values(position).detach(),
                active,
                like=self._dry.new_zeros(0, *self._dry.shape, device=self._device),
            )
            output = self._compared(output).reshape(-1)
            jacobian = jacobian[..., self.excerpt.first_valid :].mul_(
                self._loudness_gain.to(jacobian)
            )
            jacobian = jacobian.reshape(len(jacobian), len(output))
            jacobian = jacobian.mul_(scale[index].to(jacobian)[:, None])
            wet = self._wet.reshape(-1)
            if self.excerpt.gain_free:
                output, jacobian = level_normalized_with_jacobian(output, jacobian, wet)
        return output - wet, jacobian

    def gradient(self, cube: np.ndarray) -> tuple[float, np.ndarray]:
        """Return a loss that forgives phase, and its gradient, by autograd.

        The loss is a multi-resolution spectral distance plus the root of the error-to-signal
        ratio: the first leads from afar, the second keeps polarity and time.
        """
        position = torch.from_numpy(np.array(cube)).requires_grad_()
        error, spectral = self._error_and_distance(position)
        loss = spectral + torch.sqrt(error + 1e-12)
        (gradient,) = torch.autograd.grad(loss, position)
        return float(loss.detach()), gradient.numpy()

    def spectral(self, cube: np.ndarray) -> tuple[float, float, np.ndarray]:
        """Return the error, the spectral distance, and the gradient of the distance alone."""
        position = torch.from_numpy(np.array(cube)).requires_grad_()
        error, distance = self._error_and_distance(position)
        (gradient,) = torch.autograd.grad(distance, position)
        return float(error.detach()), float(distance.detach()), gradient.numpy()

    def _error_and_distance(self, position: Tensor) -> tuple[Tensor, Tensor]:
        """Return the error-to-signal ratio and the multi-resolution spectral distance."""
        values = self.tensor_values(position)[None]
        output = self._output.process(self._dry[None], self._playback, values)[0]
        normalized = self._normalized(output)
        error = error_to_signal(normalized - self._wet, self._energy)
        return error, self._spectral(normalized[None].to(self._device)).sum().cpu()

    @cached_property
    def _has_plugins(self) -> bool:
        return bool(hosted(self.stage))

    @cached_property
    def _spectral(self) -> SpectralLoss:
        return SpectralLoss(self._wet[None].to(self._device))

    def end(self, count: int, cube: np.ndarray) -> "WaveformError":
        """Return the plain error over the chain's end alone; its beginning is played only once.

        Args:
            count: how many of the chain's stages are its beginning
            cube: (dimension,), where the beginning stays
        """
        head, tail = split_before(self.stage, self.values(cube), self.free, count)
        dry = torch.from_numpy(np.ascontiguousarray(self.excerpt.dry))
        with torch.no_grad():
            settled = torch.from_numpy(head.values)[None]
            played = head.stage.process(dry[None], self._playback, settled)[0]
        excerpt = replace(self.excerpt, dry=played.numpy())
        return WaveformError(tail.stage, tail.values, tail.free, excerpt, self.sample_rate)
