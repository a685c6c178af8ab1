"""Plug-ins that the command writes, for tests that play them."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.errors import ExportError
from fxchain.native.plugins import own_target
from fxchain.preset import Preset


def export_plugin(preset: Preset, path: Path, *options: str) -> Path:
    """Write a preset as a plug-in of the format that the path ends in, and return the path."""
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("ziglang is not installed")
    try:
        own_target()
    except ExportError as refused:
        pytest.skip(str(refused))
    saved = path.with_suffix(".json")
    preset.save(saved)
    form = path.suffix.removeprefix(".")
    done = CliRunner().invoke(
        app, ["export", str(saved), "--format", form, "--out", str(path), *options]
    )
    assert done.exit_code == 0, done.stderr
    return path


def turned_value(spec, position: float) -> float:
    """Return the value of a knob at a position, computed as the plug-in does."""
    held = float(np.float32(position))
    if spec.scale == "log":
        return spec.low * float(np.exp(held * np.log(spec.high / spec.low)))
    return spec.low + held * (spec.high - spec.low)
