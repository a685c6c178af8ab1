"""A preset: a chain, its settings, and the sample rate they were made at."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.errors import ExportError, ParameterError, PresetError
from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE
from fxchain.player import Playback, Routing
from fxchain.preset.assets import checked
from fxchain.preset.effects import Placed, effects_of
from fxchain.preset.macros import (
    Macro,
    checked_macros,
    macro_nodes,
    read_macros,
    with_settings,
)
from fxchain.preset.migrations import VERSION, migrate
from fxchain.preset.nodes import PresetNode, validate
from fxchain.preset.reading import StageReader
from fxchain.preset.routing import checked_routing, read_routing, routed, routing_node
from fxchain.preset.strict_json import parse, read_text
from fxchain.preset.writing import stage_node, write
from fxchain.stage import PerChannel, Slot, Stage, stage_label, stages_by_path, with_ids

if TYPE_CHECKING:
    import pedalboard

FORMAT = "fxchain-preset"

#: A message names so many stages; the rest is counted.
_NAMED = 3


@dataclass(frozen=True, eq=False)
class Preset:
    """A chain with its settings.

    Attributes:
        stage: the structure; stages without an id get one
        values: (stage.size,) float64, the physical values in the order of `stage.slots()`
        sample_rate: Hz, of the audio it was made with; it plays at any other
        metadata: anything JSON can hold
        routing: how the channels of a recording go into the chain and come out of it, levels and
            delays included; None: each channel goes through the chain as it is
        macros: knobs that each move several values

    Raises:
        PresetError: a value is missing or outside its range, the metadata are not JSON, the
            matrices of the routing do not fit each other, or a macro does not fit the chain.
    """

    stage: Stage
    values: np.ndarray
    sample_rate: int
    metadata: dict[str, Any] = field(default_factory=dict)
    routing: Routing | None = None
    macros: tuple[Macro, ...] = ()

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        slots = self.stage.slots()
        if values.shape != (len(slots),):
            raise PresetError(
                f"the preset: {len(slots)} values are needed, not an array of shape {values.shape}"
            )
        for slot, value in zip(slots, values, strict=True):
            _check(slot, float(value))
        for placed in effects_of(self.stage, values):
            _check_assets(placed)
        values.setflags(write=False)
        object.__setattr__(self, "stage", with_ids(self.stage))
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "sample_rate", _checked_rate(self.sample_rate, "the preset"))
        object.__setattr__(self, "metadata", _plain(self.metadata))
        object.__setattr__(self, "routing", checked_routing(self.routing, "the preset"))
        refuse = partial(_refusal, "macros")
        macros = checked_macros(self.macros, self.stage, values, refuse) if self.macros else ()
        object.__setattr__(self, "macros", macros)

    @classmethod
    def load(cls, path: str | Path) -> Preset:
        """Read a preset from a file.

        Raises:
            PresetError: naming file, stage and parameter.
        """
        return cls.from_json(read_text(path), name=str(path), folder=Path(path).parent)

    @classmethod
    def from_json(
        cls, text: str, name: str = "the preset", folder: str | Path | None = None
    ) -> Preset:
        """Read a preset from text.

        Args:
            text: JSON as `to_json` writes it
            name: what messages call it
            folder: where the files lie that it refers to

        Raises:
            PresetError: naming the preset, stage and parameter.
        """

        def refuse(sentence: str) -> PresetError:
            return PresetError(f"{name}: {sentence}")

        document = parse(text, name)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise refuse(f'not a preset (it has no "format": "{FORMAT}")')
        node = validate(PresetNode, migrate(document, name), refuse)
        reader = StageReader(name, None if folder is None else Path(folder), complete=True)
        settled = reader.read(node.stage)
        rate = _checked_rate(node.sample_rate, name)
        routing = read_routing(node.routing, name)
        macros = read_macros(node.macros, name)
        if macros:
            checked_macros(macros, settled.stage, settled.values, refuse)
        return cls(settled.stage, settled.values, rate, node.metadata, routing, macros)

    def save(self, path: str | Path, force: bool = False) -> None:
        """Write the preset to a file, completely or not at all.

        Raises:
            OutputError: the file exists and `force` is off, or cannot be written.
        """
        from fxchain.files.atomic import write_text_atomic

        write_text_atomic(path, self.to_json(), force)

    def to_json(self) -> str:
        """Return the preset as text; equal presets give equal bytes."""
        return write(
            {
                "format": FORMAT,
                "version": VERSION,
                "sample_rate": self.sample_rate,
                "stage": stage_node(self.stage, self.values),
                **routing_node(self.routing),
                "macros": macro_nodes(self.macros),
                "metadata": self.metadata,
            }
        )

    def with_macros(self, settings: Mapping[str, Any]) -> Preset:
        """Return the preset with some of its macros turned to other positions.

        Args:
            settings: positions by the names of the macros, numbers or texts of numbers

        Raises:
            PresetError: there is no such macro, or the position is outside its range.
        """
        if not settings:
            return self
        try:
            values, macros = with_settings(self.stage, self.values, self.macros, settings)
        except ValueError as error:
            raise PresetError(f"the preset: {error}") from None
        return replace(self, values=values, macros=macros)

    def board(self, sample_rate: float) -> Any:
        """Return what plays the preset.

        Args:
            sample_rate: Hz, of the audio to play

        Returns:
            a `pedalboard.Pedalboard`; or, when a stage has no plugin or channels are routed, an
            object with the same call `(audio, sample_rate, reset=True)` and `reset()`
        """
        from fxchain.preset.board import BoardBuilder

        board = self.stage.visit(BoardBuilder(sample_rate), self.values).board()
        return routed(board, self.routing, sample_rate / self.sample_rate)

    def to_pedalboard(self, sample_rate: float) -> pedalboard.Pedalboard:
        """Return the preset as a Pedalboard for audio at a sample rate in Hz.

        Raises:
            ExportError: naming a stage that pedalboard does not have, or channels are routed.
        """
        for placed in effects_of(self.stage, self.values):
            placed.effect.plugin(Playback(sample_rate), placed.values, placed.path)
            if placed.effect.primitive.whole:
                raise ExportError(
                    f"{placed.label} plays recordings whole, which a Pedalboard does not; use "
                    "board() instead, or export it as a Python script"
                )
            if placed.effect.primitive.hosted is not None:
                raise ExportError(
                    f"{placed.label} is a plug-in of another maker, which plays in a process of "
                    "its own; use board() instead, or export it as a Python script"
                )
            if placed.effect.primitive.pre_roll is not None:
                raise ExportError(
                    f"{placed.label} begins at a phase of its own, for which silence is played "
                    "first, which a Pedalboard cannot do; use board() instead, or export it as a "
                    "Python script"
                )
        for path, each in stages_by_path(self.stage):
            if isinstance(each, PerChannel):
                each.plugin(Playback(sample_rate), self.values, path)  # says why there is none
        if self.routing is None:
            return self.board(sample_rate)
        if (levels := self.routing.levels) is None:
            raise ExportError(
                "the preset routes channels, which a Pedalboard cannot do; use board() instead"
            )
        import pedalboard

        before, behind = (pedalboard.Gain(20.0 * math.log10(factor)) for factor in levels)
        chain = replace(self, routing=None).board(sample_rate)
        return pedalboard.Pedalboard([before, *chain, behind])

    def to_python(self) -> str:
        """Return the source of a script that plays the preset with pedalboard alone."""
        from fxchain.export.python_script import write_script
        from fxchain.preset.played_macros import script_macros

        macros = script_macros(self.stage, self.macros)
        return write_script(self.stage, self.values, self.routing, self.sample_rate, macros)

    def clamped(self, sample_rate: float) -> list[str]:
        """Return one sentence about all frequencies that are held below the rate (Hz), if any."""
        limit = HIGHEST_FREQUENCY * sample_rate
        held = [
            placed.label
            for placed in effects_of(self.stage, self.values)
            for spec, value in zip(placed.effect.primitive.parameters, placed.values, strict=True)
            if spec.unit == "Hz" and value > limit and placed.effect.primitive.hosted is None
        ]
        if not held:
            return []
        named = ", ".join(dict.fromkeys(held[:_NAMED]))
        more = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
        return [
            f"{named}{more}: set above {limit:g} Hz, the highest frequency that is played at a "
            f"sample rate of {sample_rate:g} Hz, and played there"
        ]

    def without_twin(self) -> list[str]:
        """Return where the stages stand that pedalboard does not have, as `chain[2] (kind)`."""
        placed = effects_of(self.stage, self.values)
        return [each.label for each in placed if each.effect.primitive.plugin is None]


def _check_assets(placed: Placed) -> None:
    refuse = partial(_refusal, placed.label)
    needed, given = placed.effect.primitive.assets, placed.effect.assets
    for name in sorted({*needed, *given}):
        if name not in given:
            raise refuse(f"{name} is missing")
        if name not in needed:
            raise refuse(f"{name} is not used by this effect")
        checked(name, given[name], refuse)


def _label(slot: Slot) -> str:
    return stage_label(slot.path, slot.kind)


def _refusal(label: str, sentence: str) -> PresetError:
    return PresetError(f"the preset: {label}: {sentence}")


def _check(slot: Slot, value: float) -> None:
    try:
        slot.spec.check(value)
    except ParameterError as error:
        raise _refusal(_label(slot), str(error)) from error


def _checked_rate(sample_rate: float, name: str) -> int:
    low, high = LOWEST_SAMPLE_RATE, HIGHEST_SAMPLE_RATE
    if not low <= sample_rate <= high or sample_rate != int(sample_rate):
        raise PresetError(
            f"{name}: sample_rate = {sample_rate} is not a whole number from {low} to {high} Hz"
        )
    return int(sample_rate)


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with its keys in order, made of what JSON knows."""
    try:
        return json.loads(json.dumps(metadata, sort_keys=True, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise PresetError(f"the preset: metadata is not JSON ({error})") from error
