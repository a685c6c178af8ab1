"""One effect in use: a primitive with its assets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from fxchain.errors import ExportError
from fxchain.player import Asset, Playback
from fxchain.primitives import Primitive
from fxchain.stage.slot import Slot, stage_label

if TYPE_CHECKING:
    from torch import Tensor

    from fxchain.stage.linear import Linear
    from fxchain.stage.opaque import Opaque

Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True)
class Effect:
    """A stage of one primitive.

    Attributes:
        primitive: what it is
        assets: what it plays with beside its controls, by the names that the primitive states
        id: names it in its preset, whatever stands before it
        apart: what is added to its values in each further recording of those that it was found
            from: rate and phase belong to a recording
    """

    primitive: Primitive
    assets: Mapping[str, Asset] = field(default_factory=dict)
    id: str = field(default="", compare=False)
    apart: tuple[tuple[float, ...], ...] = ()

    @property
    def size(self) -> int:
        """Return the number of controls."""
        return len(self.primitive.parameters)

    @property
    def hides_gradients(self) -> bool:
        """Tell whether autograd does not pass through it."""
        primitive = self.primitive
        by_differences = primitive.gradient == "differences" and not primitive.memoryless
        return by_differences or primitive.gradient == "none"

    @property
    def hides_jacobian(self) -> bool:
        """Tell whether no derivative passes through it."""
        return self.primitive.gradient == "none"

    def slots(self, path: str = "") -> tuple[Slot, ...]:
        """Return one slot for each control."""
        primitive = self.primitive
        return tuple(
            Slot(
                path=path,
                kind=primitive.kind,
                spec=spec,
                has_jacobian=primitive.gradient != "none"
                and spec.name not in primitive.quantized
                and not spec.choices,
                autograd_sees=primitive.gradient == "full",
                purpose=primitive.purpose,
                affine=spec.name in primitive.affine and primitive.gradient != "none",
                quantized=spec.name in primitive.quantized,
                stage_id=self.id,
            )
            for spec in primitive.parameters
        )

    def named(self, values: Tensor) -> dict[str, Tensor]:
        """Return (batch, size) values as `name -> (batch,)`."""
        specs = self.primitive.parameters
        return {spec.name: values[:, index] for index, spec in enumerate(specs)}

    def values_in(self, recording: int, values: Tensor) -> Tensor:
        """Return the values (…, size) in one of the recordings that it was found from."""
        if not 0 < recording <= len(self.apart):
            return values
        return values + values.new_tensor(self.apart[recording - 1])

    def process(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        """Play (batch, channels, time)."""
        from fxchain.stage.linear import apply_linear

        linear = self.linear(audio, playback, values)
        if linear is not None:
            return apply_linear(audio, playback.sample_rate, linear)
        return self._shape(audio, playback, values)

    def _shape(self, audio: Tensor, playback: Playback, values: Tensor) -> Tensor:
        process, values = self.primitive.process, self.values_in(playback.recording, values)
        if process is None:
            return self._opaque(playback).play(audio, values)
        batch = max(audio.shape[0], values.shape[0])
        audio = audio.expand(batch, -1, -1)
        return process(audio, self._with_assets(playback), **self.named(values.expand(batch, -1)))

    def linear(self, like: Tensor, playback: Playback, values: Tensor) -> Linear | None:
        """Return the filter's sections or captured response, if it is a filter."""
        from fxchain.stage.captured_plugins import CapturedPlugin, CapturedPlugins, Format
        from fxchain.stage.filters import Filter
        from fxchain.stage.impulse_response_filter import of_captured_plugins
        from fxchain.stage.linear import Linear
        from fxchain.stage.sections import Sections
        from fxchain.stage.spectra import COMPLEX

        dtype = COMPLEX[like.dtype]
        if self.primitive.sections is not None:
            only = Filter(self.primitive, values)
            sections = Sections((only,), playback.sample_rate, dtype, rounded=playback.rounded)
            return Linear((sections,), dtype)
        if self.primitive.gradient != "signal":
            return None
        channels, samples = like.shape[-2:]
        plugins = CapturedPlugins(
            (CapturedPlugin(self.primitive, self.assets),),
            values,
            Format(channels, samples, playback.sample_rate),
            dtype,
        )
        return Linear((of_captured_plugins(plugins),), dtype)

    def linearize(
        self,
        audio: Tensor,
        tangents: Tensor,
        playback: Playback,
        values: Tensor,
        active: np.ndarray,
    ) -> tuple[Tensor, Tensor]:
        """Play and differentiate forwards."""
        from fxchain.stage.linear import linearize_linear
        from fxchain.stage.tangents import move

        linear = self.linear(audio[None], playback, values[None])
        if linear is not None:
            return linearize_linear(audio, tangents, playback.sample_rate, linear, active)

        chosen = np.flatnonzero(active)
        if self.primitive.gradient == "differences":
            from fxchain.stage.differences import linearize_by_differences

            return linearize_by_differences(
                self._opaque(playback), self.primitive, audio, tangents, values, chosen
            )
        if self.hides_jacobian:
            moved = tangents.new_zeros(len(tangents) + len(chosen), *audio.shape)
            return self._shape(audio[None], playback, values[None])[0], moved
        here = self.values_in(playback.recording, values)
        moved = move(self.primitive, audio, tangents, self._with_assets(playback), here, chosen)
        return self._shape(audio[None], playback, values[None])[0], moved

    def _opaque(self, playback: Playback) -> Opaque:
        from fxchain.stage.opaque import Opaque

        make = partial(self.plugin, playback)
        curve = self.primitive.memoryless and not self.hides_gradients
        return Opaque(make, playback.sample_rate, memoryless=curve)

    def plugin(self, playback: Playback, values: np.ndarray, path: str = "") -> Any:
        """Return the pedalboard plugin, or what is called as one.

        Raises:
            ExportError: when there is none.
        """
        make = self.primitive.plugin
        if make is None:
            raise ExportError(
                f"{stage_label(path, self.primitive.kind)} has no pedalboard plugin; "
                "export it as a Python script instead, or match with --only-pedalboard"
            )
        arguments = self.arguments(values)
        made = make(self._with_assets(playback), **arguments)
        pre_roll = self.primitive.pre_roll
        if pre_roll is None:
            return made
        from fxchain.player.pre_roll import PreRolled

        named = {name: arguments[name] for name in self.primitive.pre_roll_controls}
        return PreRolled(made, pre_roll(playback.sample_rate, **named))

    def _with_assets(self, playback: Playback) -> Playback:
        return playback.with_assets(self.assets)

    def arguments(self, values: np.ndarray) -> dict[str, float]:
        """Return the values (size,) by name, as the primitive's `plugin` and `render` take them."""
        pairs = zip(self.primitive.parameters, values, strict=True)
        return {spec.name: float(value) for spec, value in pairs}

    def visit(
        self, visitor: EffectVisitor[Result_co], values: np.ndarray, path: str = ""
    ) -> Result_co:
        """Return what a visitor makes of the effect."""
        return visitor.effect(self, values, path)


class EffectVisitor(Protocol[Result_co]):
    """Makes something else of an effect; `path` is where it stands in its chain."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Result_co:
        """Return what becomes of one effect with its values."""
        ...
