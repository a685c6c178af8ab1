"""From a stage with its values to a preset's JSON."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from fxchain.preset.impulse_responses import encode
from fxchain.stage import Effect


class Describer:
    """Makes the JSON of a stage."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> dict[str, Any]:
        """Return an effect's node."""
        specs = effect.primitive.parameters
        pairs = zip(specs, values, strict=True)
        node: dict[str, Any] = {
            "primitive": effect.primitive.kind,
            "version": effect.primitive.version,
            "parameters": {spec.name: float(value) for spec, value in pairs},
        }
        if effect.impulse_response is not None:
            node["impulse_response"] = encode(effect.impulse_response)
        return node

    def chain(self, stages: Sequence[dict[str, Any]], path: str) -> dict[str, Any]:
        """Return a chain's node."""
        return {"chain": list(stages)}

    def mix(self, branches: Sequence[tuple[float, dict[str, Any]]], path: str) -> dict[str, Any]:
        """Return a mix's node."""
        return {"mix": [{"weight": weight, **node} for weight, node in branches]}


def write(document: dict[str, Any]) -> str:
    """Return JSON text: equal documents give equal bytes, floats are written in full."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"
