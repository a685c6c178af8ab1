"""From a preset's JSON to a stage with its values."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.errors import ParameterError, PresetError
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset
from fxchain.preset.assets import decode
from fxchain.preset.nodes import (
    AssetNode,
    ChainNode,
    ChannelsNode,
    EffectNode,
    MixNode,
    PluginNode,
    StageId,
    validate,
)
from fxchain.preset.plugins import read_plugin
from fxchain.preset.routing import MOST_CHANNELS
from fxchain.primitives import Primitive, get_primitive
from fxchain.primitives.oscillator_controls import PHASE, RATE
from fxchain.stage import WEIGHT, Chain, Effect, Mix, PerChannel, Stage, stage_label

DEEPEST = 32
MOST_STAGES = 1_000


@dataclass(frozen=True, eq=False)
class Settled:
    """A stage and what is known of its values.

    Attributes:
        stage: the structure
        values: (stage.size,) float64, physical
        free: (stage.size,) bool, the values that were not given and stand at their default
    """

    stage: Stage
    values: np.ndarray
    free: np.ndarray


@dataclass
class StageReader:
    """Reads one file's stage.

    Attributes:
        name: what messages call the file
        folder: where it lies, for the files it refers to
        complete: every version, parameter and weight must be given
    """

    name: str
    folder: Path | None
    complete: bool
    _count: int = field(default=0, init=False)
    _ids: set[str] = field(default_factory=set, init=False)

    def read(self, node: Any, path: str = "", depth: int = 0) -> Settled:
        """Return the stage that stands at `path`.

        Raises:
            PresetError: naming file, stage and parameter.
        """
        self._count += 1
        if depth > DEEPEST:
            raise PresetError(f"{self.name}: stages are nested more than {DEEPEST} deep")
        if self._count > MOST_STAGES:
            raise PresetError(f"{self.name}: more than {MOST_STAGES} stages")
        readers = {
            "primitive": self._effect,
            "plugin": self._plugin,
            "chain": self._chain,
            "mix": self._mix,
            "channels": self._channels,
        }
        form = [key for key in readers if isinstance(node, dict) and key in node]
        if len(form) != 1:
            where = path or "stage"
            known = "'primitive', 'plugin', 'chain', 'mix' and 'channels'"
            raise self._refusal(where, f"a stage is one of {known}")
        return readers[form[0]](node, path, depth)

    def _refusal(self, label: str, sentence: str) -> PresetError:
        return PresetError(f"{self.name}: {label}: {sentence}")

    def _effect(self, node: dict[str, Any], path: str, depth: int) -> Settled:
        label = stage_label(path, _short(node["primitive"]))
        refuse = partial(self._refusal, label)
        checked = validate(EffectNode, node, refuse)
        try:
            primitive = get_primitive(_short(checked.primitive))
        except ParameterError as error:
            raise self._refusal(path or "stage", str(error)) from error
        self._check_version(primitive, checked.version, refuse)
        assets = self._assets(primitive, checked, refuse)
        apart = self._recordings(primitive, checked, refuse)
        effect = Effect(primitive, assets, self._id(checked.id, refuse), apart)
        return self._with_values(effect, checked.parameters, refuse)

    def _recordings(
        self, primitive: Primitive, node: EffectNode, refuse: Callable[[str], PresetError]
    ) -> tuple[tuple[float, ...], ...]:
        """Return what is added to the values in further recordings."""
        names = [spec.name for spec in primitive.parameters]
        for name in (name for added in node.recordings for name in added):
            if name not in names or not name.endswith((RATE.name, PHASE.name)):
                raise refuse(f"recordings: {_short(name)!r} belongs to no recording")
        return tuple(
            tuple(float(added.get(name, 0.0)) for name in names) for added in node.recordings
        )

    def _plugin(self, node: dict[str, Any], path: str, depth: int) -> Settled:
        checked = validate(PluginNode, node, partial(self._refusal, path or "stage"))
        known = checked.plugin
        name = known if isinstance(known, str) else known.get("name", "plugin")
        refuse = partial(self._refusal, stage_label(path, _short(name)))
        primitive = read_plugin(known, refuse, complete=self.complete)
        effect = Effect(primitive, id=self._id(checked.id, refuse))
        return self._with_values(effect, checked.parameters, refuse)

    def _with_values(
        self,
        effect: Effect,
        parameters: dict[str, Any] | None,
        refuse: Callable[[str], PresetError],
    ) -> Settled:
        """Return an effect with the values that are given for it."""
        if parameters is None and self.complete:
            raise refuse("parameters is missing")
        given, primitive = parameters or {}, effect.primitive
        names = [spec.name for spec in primitive.parameters]
        unknown = [key for key in given if key not in names]
        if unknown:
            known = ", ".join(names) or "none"
            raise refuse(f"the parameter {_short(unknown[0])!r} is unknown (it has: {known})")
        if self.complete:
            given = {name: primitive.spec(name).default for name in primitive.added} | given
        return self._settled(effect, [(spec, given) for spec in primitive.parameters], refuse)

    def _settled(
        self,
        stage: Stage,
        wanted: list[tuple[ParameterSpec, dict[str, Any]]],
        refuse: Callable[[str], PresetError],
    ) -> Settled:
        values = [self._value(spec, given, refuse) for spec, given in wanted]
        free = [spec.name not in given for spec, given in wanted]
        return Settled(stage, np.array(values, dtype=np.float64), np.array(free, dtype=bool))

    def _value(
        self, spec: ParameterSpec, given: dict[str, Any], refuse: Callable[[str], PresetError]
    ) -> float:
        if spec.name not in given:
            if self.complete:
                raise refuse(f"{spec.name} is missing")
            return spec.default
        try:
            return spec.check(given[spec.name])
        except ParameterError as error:
            raise refuse(_short_text(str(error))) from error

    def _check_version(
        self, primitive: Primitive, version: int | None, refuse: Callable[[str], PresetError]
    ) -> None:
        """Refuse an effect that sounded different when the preset was written."""
        if version is None:
            if self.complete:
                raise refuse("version is missing")
        elif version > primitive.version:
            raise refuse(
                f"version {version} is newer than the version {primitive.version} known here; "
                "update fxchain"
            )
        elif version < primitive.version:
            raise refuse(f"version {version} is not supported any more")

    def _assets(
        self, primitive: Primitive, node: EffectNode, refuse: Callable[[str], PresetError]
    ) -> dict[str, Asset]:
        given = node.assets or {}
        for name in given:
            if name not in primitive.assets:
                raise refuse(f"it takes no {_short(name)}")
        found = {}
        for name in primitive.assets:
            if given.get(name) is None:
                raise refuse(f"{name} is missing")
            node_of_asset = validate(AssetNode, given[name], refuse, within=name)
            found[name] = decode(name, node_of_asset, self.folder, refuse, hashed=self.complete)
        if primitive.check_assets is not None:
            try:
                primitive.check_assets(found)
            except ParameterError as error:
                raise refuse(str(error)) from error
        return found

    def _id(self, given: StageId | None, refuse: Callable[[str], PresetError]) -> str:
        """Return the id of a stage; it must be the only one of its name."""
        if given is None:
            return ""
        if given in self._ids:
            raise refuse(f"the id {given!r} stands twice")
        self._ids.add(given)
        return given

    def _chain(self, node: dict[str, Any], path: str, depth: int) -> Settled:
        refuse = partial(self._refusal, path or "stage")
        checked = validate(ChainNode, node, refuse)
        name = self._id(checked.id, refuse)
        prefix = f"{path}." if path else ""
        parts = [
            self.read(below, f"{prefix}chain[{index}]", depth + 1)
            for index, below in enumerate(checked.chain)
        ]
        return _joined(Chain(tuple(part.stage for part in parts), name), parts)

    def _mix(self, node: dict[str, Any], path: str, depth: int) -> Settled:
        refuse = partial(self._refusal, path or "stage")
        checked = validate(MixNode, node, refuse)
        name = self._id(checked.id, refuse)
        if not checked.mix:
            raise self._refusal(path or "stage", "a mix needs at least one branch")
        prefix = f"{path}." if path else ""
        parts: list[Settled] = []
        for index, branch in enumerate(checked.mix):
            below = f"{prefix}mix[{index}]"
            given = {key: branch[key] for key in branch.keys() & {"weight"}}
            stage = {key: value for key, value in branch.items() if key != "weight"}
            settled = self.read(stage, below, depth + 1)
            refuse = partial(self._refusal, stage_label(below, "mix"))
            parts += [self._settled(settled.stage, [(WEIGHT, given)], refuse), settled]
        return _joined(Mix(tuple(part.stage for part in parts[1::2]), name), parts)

    def _channels(self, node: dict[str, Any], path: str, depth: int) -> Settled:
        refuse = partial(self._refusal, path or "stage")
        checked = validate(ChannelsNode, node, refuse)
        name = self._id(checked.id, refuse)
        if not 0 < len(checked.channels) <= MOST_CHANNELS:
            raise refuse(f"channels needs 1 to {MOST_CHANNELS} stages")
        prefix = f"{path}." if path else ""
        parts = [
            self.read(below, f"{prefix}channels[{index}]", depth + 1)
            for index, below in enumerate(checked.channels)
        ]
        return _joined(PerChannel(tuple(part.stage for part in parts), name), parts)


def _joined(stage: Stage, parts: list[Settled]) -> Settled:
    """Return a stage whose values are those of its parts, one after another."""
    values = np.concatenate([np.empty(0), *(part.values for part in parts)])
    free = np.concatenate([np.empty(0, dtype=bool), *(part.free for part in parts)])
    return Settled(stage, values, free)


def _short(name: Any) -> str:
    """Return a name from a file so that it fits in one line."""
    return _short_text(str(name) if str(name).isprintable() else ascii(name))


def _short_text(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
