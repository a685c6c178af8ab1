"""A trained network as a JSON file with its weights as text; loading it executes no code."""

from __future__ import annotations

import base64
import binascii
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fxchain.baselines.recipes import RECIPES
from fxchain.baselines.trained import TrainedNetwork
from fxchain.errors import MatchError, PresetError
from fxchain.files.atomic import write_text_atomic
from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE
from fxchain.preset.strict_json import parse, read_text

FORMAT = "fxchain-network"
VERSION = 1
_KEYS = {
    "format",
    "version",
    "kind",
    "sample_rate",
    "input_gain",
    "output_gain",
    "weights",
    "metadata",
}


def save_network(trained: TrainedNetwork, path: str | Path, force: bool = False) -> None:
    """Write a trained network, completely or not at all.

    Raises:
        OutputError: the file exists and `force` is off, or cannot be written.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "kind": trained.kind,
        "sample_rate": trained.sample_rate,
        "input_gain": trained.input_gain,
        "output_gain": trained.output_gain,
        "weights": {name: _encoded(w) for name, w in trained.network.named_parameters()},
        "metadata": dict(trained.metadata),
    }
    write_text_atomic(path, json.dumps(document, indent=2, allow_nan=False) + "\n", force)


def load_network(path: str | Path) -> TrainedNetwork:
    """Read a trained network.

    Raises:
        PresetError: the file is missing or unreadable, is none, is newer than this program, needs
            a package that is not installed, or its weights are not those of the network it names;
            naming file and weights.
    """
    return network_from(parse(read_text(path), str(path)), str(path))


def is_network(document: Any) -> bool:
    """Tell whether parsed JSON is meant to be a network."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def network_from(document: Any, name: str) -> TrainedNetwork:
    """Return the network that parsed JSON describes.

    Args:
        document: parsed JSON
        name: what messages call it

    Raises:
        PresetError: as `load_network` says.
    """
    if not is_network(document):
        raise PresetError(f'{name}: not a network (it has no "format": "{FORMAT}")')
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PresetError(f"{name}: version = {version!r} is not a whole number from 1 on")
    if version > VERSION:
        raise PresetError(
            f"{name}: version {version} is newer than the version {VERSION} known here; update "
            "fxchain"
        )
    if document.keys() != _KEYS:
        wrong = ", ".join(sorted(document.keys() ^ _KEYS))
        raise PresetError(f"{name}: missing or unknown: {wrong}")
    kind = document["kind"]
    if not isinstance(kind, str) or kind not in RECIPES:
        raise PresetError(f"{name}: kind = {kind!r} is none of {', '.join(RECIPES)}")
    rate = _number(document, "sample_rate", name)
    if rate != int(rate) or not LOWEST_SAMPLE_RATE <= rate <= HIGHEST_SAMPLE_RATE:
        raise PresetError(f"{name}: sample_rate = {rate:g} is not a rate that can be used, Hz")
    if not isinstance(document["metadata"], dict):
        raise PresetError(f"{name}: metadata must be an object")
    with torch.random.fork_rng(devices=[]):
        try:
            network = RECIPES[kind].make()
        except MatchError as error:
            raise PresetError(f"{name}: kind = {kind!r}: {error}") from error
    weights = _weights(document["weights"], dict(network.named_parameters()), name)
    network.load_state_dict(weights, strict=False)  # all of them; the rest is no weights
    return TrainedNetwork(
        kind,
        network,
        int(rate),
        _number(document, "input_gain", name),
        _number(document, "output_gain", name),
        document["metadata"],
    )


def _encoded(weights: Tensor) -> dict[str, Any]:
    """Return weights as text: base64 of little-endian float32."""
    values = weights.detach().numpy().astype("<f4")
    return {"shape": list(values.shape), "data": base64.b64encode(values.tobytes()).decode()}


def _weights(found: Any, expected: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the weights, each with the name and shape that the network has."""
    if not isinstance(found, dict) or found.keys() != expected.keys():
        raise PresetError(f"{name}: the weights are not those of this kind of network")
    return {key: _decoded(found[key], tensor, f"{name}: {key}") for key, tensor in expected.items()}


def _decoded(node: Any, expected: Tensor, where: str) -> Tensor:
    shape = list(expected.shape)
    if not isinstance(node, dict) or node.get("shape") != shape:
        raise PresetError(f"{where}: the shape is not {shape}")
    try:
        content = base64.b64decode(node.get("data", ""), validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise PresetError(f"{where}: the data are not base64") from error
    if len(content) != 4 * math.prod(shape):
        raise PresetError(f"{where}: {len(content)} bytes are not float32 of shape {shape}")
    values = np.frombuffer(content, dtype="<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(values).all():
        raise PresetError(f"{where}: a weight is not finite")
    return torch.from_numpy(values)


def _number(document: dict[str, Any], key: str, name: str) -> float:
    value = document[key]
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise PresetError(f"{name}: {key} = {value!r} is not a finite number")
    return float(value)
