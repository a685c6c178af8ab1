"""One effect in use: a primitive, and an impulse response where it needs one."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import pedalboard
from torch import Tensor

from fxchain.errors import ExportError
from fxchain.primitives import ImpulseResponse, Primitive
from fxchain.stage.captured_plugins import CapturedPlugin, CapturedPlugins, Format
from fxchain.stage.filters import Filter
from fxchain.stage.impulse_response_filter import of_captured_plugins
from fxchain.stage.linear import Linear, apply_linear, linearize_linear
from fxchain.stage.sections import Sections
from fxchain.stage.slot import Slot, stage_label
from fxchain.stage.spectra import COMPLEX
from fxchain.stage.tangents import move

Result_co = TypeVar("Result_co", covariant=True)


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
                has_jacobian=primitive.gradient != "none" and spec.name not in primitive.quantized,
                autograd_sees=primitive.gradient == "full",
                affine=spec.name in primitive.affine,
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
            only = Filter(self.primitive, values)
            return Linear((Sections((only,), sample_rate, dtype),), dtype)
        if self.primitive.gradient != "signal":
            return None
        channels, samples = like.shape[-2:]
        plugins = CapturedPlugins(
            (CapturedPlugin(self.primitive, self.impulse_response),),
            values,
            Format(channels, samples, sample_rate),
            dtype,
        )
        return Linear((of_captured_plugins(plugins),), dtype)

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

        chosen = np.flatnonzero(active)
        moved = move(self.primitive, audio, tangents, sample_rate, values, chosen)
        return self._shape(audio[None], sample_rate, values[None])[0], moved

    def plugin(self, sample_rate: float, values: np.ndarray, path: str = "") -> pedalboard.Plugin:
        """Return the pedalboard plugin.

        Raises:
            ExportError: when there is none.
        """
        make = self.primitive.plugin
        if make is None:
            raise ExportError(
                f"{stage_label(path, self.primitive.kind)} has no pedalboard plugin; "
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

    def visit(
        self, visitor: "EffectVisitor[Result_co]", values: np.ndarray, path: str = ""
    ) -> Result_co:
        """Return what a visitor makes of the effect."""
        return visitor.effect(self, values, path)


class EffectVisitor(Protocol[Result_co]):
    """Makes something else of an effect; `path` is where it stands in its chain."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Result_co:
        """Return what becomes of one effect with its values."""
        ...
