"""From a stage with its values to a preset's JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fxchain.preset.assets import encode
from fxchain.stage import Effect, Stage, ids_by_path


class Describer:
    """A visitor that makes the JSON of a stage.

    Args:
        ids: of the stages, by path
    """

    def __init__(self, ids: Mapping[str, str]) -> None:
        self._ids = ids

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> dict[str, Any]:
        """Return an effect's node."""
        specs = effect.primitive.parameters
        pairs = zip(specs, values, strict=True)
        hosted = effect.primitive.hosted
        node: dict[str, Any] = {
            "primitive": effect.primitive.kind,
            "version": effect.primitive.version,
        }
        if hosted is not None:
            node = {"plugin": hosted.node()}
        node["parameters"] = {spec.name: float(value) for spec, value in pairs}
        if effect.assets:
            node["assets"] = {name: encode(asset) for name, asset in effect.assets.items()}
        if effect.apart:
            node["recordings"] = [
                {spec.name: more for spec, more in zip(specs, added, strict=True) if more}
                for added in effect.apart
            ]
        return self._named(path, node)

    def chain(self, stages: Sequence[dict[str, Any]], path: str) -> dict[str, Any]:
        """Return a chain's node."""
        return self._named(path, {"chain": list(stages)})

    def mix(self, branches: Sequence[tuple[float, dict[str, Any]]], path: str) -> dict[str, Any]:
        """Return a mix's node."""
        parts = [{"weight": weight, **node} for weight, node in branches]
        return self._named(path, {"mix": parts})

    def channels(self, branches: Sequence[dict[str, Any]], path: str) -> dict[str, Any]:
        """Return the node of stages of which each plays a channel."""
        return self._named(path, {"channels": list(branches)})

    def _named(self, path: str, node: dict[str, Any]) -> dict[str, Any]:
        name = self._ids.get(path)
        return {"id": name, **node} if name else node


def stage_node(stage: Stage, values: np.ndarray) -> dict[str, Any]:
    """Return the JSON of a stage with its values (size,)."""
    return stage.visit(Describer(ids_by_path(stage)), values)


def write(document: dict[str, Any]) -> str:
    """Return JSON text: equal documents give equal bytes, floats are written in full."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
