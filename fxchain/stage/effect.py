"""One effect in use: a primitive, and an impulse response where it needs one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pedalboard
import torch
from torch import Tensor

from fxchain.errors import ExportError
from fxchain.primitives import ImpulseResponse, Primitive
from fxchain.stage.base import Slot
from fxchain.stage.kernels import kernel_slope, kernel_spectrum
from fxchain.stage.linear import COMPLEX, Kernel, Linear, Sections, apply_linear, linearize_linear


@dataclass(frozen=True)
class Effect:
    """A stage of one primitive."""

    primitive: Primitive
    impulse_response: ImpulseResponse | None = None

    @property
    def size(self) -> int:
        """Return the number of controls."""
        return len(self.primitive.parameters)

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return one slot for each control."""
        primitive = self.primitive
        return tuple(
            Slot(
                path=path,
                kind=primitive.kind,
                spec=spec,
                visible=primitive.gradient != "none" and spec.name not in primitive.stepped,
                audible_to_autograd=primitive.gradient == "full",
            )
            for spec in primitive.parameters
        )

    def named(self, values: Tensor) -> dict[str, Tensor]:
        """Return (batch, size) values as `name -> (batch,)`."""
        specs = self.primitive.parameters
        return {spec.name: values[:, index] for index, spec in enumerate(specs)}

    def process(self, audio: Tensor, sample_rate: float, values: Tensor) -> Tensor:
        """Play (batch, channels, time)."""
        linear = self.linear(audio, sample_rate, values)
        if linear is not None:
            return apply_linear(audio, sample_rate, linear)
        return self._shape(audio, sample_rate, values)

    def _shape(self, audio: Tensor, sample_rate: float, values: Tensor) -> Tensor:
        process = self.primitive.process
        if process is None:
            raise ExportError(f"{self.primitive.kind} cannot be played in torch")
        batch = max(audio.shape[0], values.shape[0])
        audio = audio.expand(batch, -1, -1)
        return process(audio, sample_rate, **self.named(values.expand(batch, -1)))

    def linear(self, like: Tensor, sample_rate: float, values: Tensor) -> Linear | None:
        """Return the filter's sections or captured response, if it is a filter."""
        dtype = COMPLEX[like.dtype]
        if self.primitive.sections is not None:
            rows = self._coefficients(like.dtype, sample_rate, values)

            def direction(index: int) -> Tensor:
                return self._direction(sample_rate, values, index)

            return Linear((Sections(rows, self.size, direction, dtype),), dtype)
        if self.primitive.gradient != "signal":
            return None
        channels, samples = like.shape[-2:]
        shape = (channels, samples, sample_rate)

        def spectrum(n_fft: int) -> Tensor:
            return kernel_spectrum(self.primitive, self.impulse_response, values, shape, n_fft)

        def slope(n_fft: int, index: int) -> Tensor:
            return kernel_slope(self.primitive, self.impulse_response, values, shape, n_fft, index)

        return Linear((Kernel(self.size, spectrum, slope),), dtype)

    def _coefficients(self, dtype: torch.dtype, sample_rate: float, values: Tensor) -> Tensor:
        """Return the sections, rounded as pedalboard rounds them when the audio is float32."""
        exact = self._sections(sample_rate, values.double())
        if dtype != torch.float32:
            return exact
        with torch.no_grad():
            rounded = self._sections(sample_rate, values.detach().float()).double()
        return exact + (rounded - exact).detach()

    def _sections(self, sample_rate: float, values: Tensor) -> Tensor:
        sections: Callable[..., Tensor] | None = self.primitive.sections
        if sections is None:
            raise ExportError(f"{self.primitive.kind} has no sections")
        return sections(sample_rate, **self.named(values))

    def _direction(self, sample_rate: float, values: Tensor, index: int) -> Tensor:
        step = torch.zeros(1, self.size, dtype=torch.float64)
        step[0, index] = 1.0
        _, slope = torch.func.jvp(
            lambda v: self._sections(sample_rate, v), (values.detach().double(),), (step,)
        )
        return slope[0]

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        sample_rate: float,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Play and differentiate forwards."""
        linear = self.linear(audio[None], sample_rate, values[None])
        if linear is not None:
            return linearize_linear(audio, tangents, sample_rate, linear, active)

        def of_audio(signal: Tensor) -> Tensor:
            return self._shape(signal[None], sample_rate, values[None])[0]

        def of_values(v: Tensor) -> Tensor:
            return self._shape(audio[None], sample_rate, v[None])[0]

        if self.primitive.memoryless:
            output, slope = torch.func.jvp(of_audio, (audio,), (torch.ones_like(audio),))
            moved = [slope * tangents]
        else:
            output = of_audio(audio)
            moved = [
                torch.func.vmap(lambda t: torch.func.jvp(of_audio, (audio,), (t,))[1])(chunk)
                for chunk in tangents.split(16)
                if len(chunk)
            ]
        for index in np.flatnonzero(active):
            step = torch.zeros_like(values)
            step[int(index)] = 1.0
            moved.append(torch.func.jvp(of_values, (values,), (step,))[1][None])
        return output, torch.cat([tangents[:0], *moved])

    def plugin(self, sample_rate: float, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Return the pedalboard plugin.

        Raises:
            ExportError: when there is none.
        """
        make = self.primitive.plugin
        if make is None:
            raise ExportError(
                f"{path or 'the chain'} ({self.primitive.kind}) has no pedalboard plugin; "
                "export it as a Python script instead, or match with --only-pedalboard"
            )
        return make(sample_rate, **self.arguments(values))

    def arguments(self, values: np.ndarray) -> dict[str, Any]:
        """Return what the primitive's `plugin` and `render` take beside the sample rate."""
        specs = self.primitive.parameters
        named: dict[str, Any] = {
            spec.name: float(value) for spec, value in zip(specs, values, strict=True)
        }
        if self.primitive.needs_impulse_response:
            named["impulse_response"] = self.impulse_response
        return named

    def describe(self, values: np.ndarray) -> dict[str, Any]:
        """Return the effect as it stands in a preset, without its impulse response."""
        specs = self.primitive.parameters
        return {
            "primitive": self.primitive.kind,
            "version": self.primitive.version,
            "parameters": {
                spec.name: float(value) for spec, value in zip(specs, values, strict=True)
            },
        }
