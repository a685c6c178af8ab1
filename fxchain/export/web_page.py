"""A preset as one HTML file that plays it in a browser."""

import base64
import gzip
import html
import json
from importlib import resources

import numpy as np

from fxchain.native import (
    NO_MACROS,
    LiveInstrument,
    LiveMacros,
    compiled_player,
    instrument_knobs,
    live_knobs,
    preset_data,
)
from fxchain.player import Routing
from fxchain.stage import Stage


def write_page(
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None = None,
    sample_rate: int = 44_100,
    title: str = "A chain of effects",
    macros: LiveMacros = NO_MACROS,
    instrument: LiveInstrument | None = None,
) -> str:
    """Return the page: the player as WebAssembly, the preset as its data, the knobs.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, at which the delays of the routing are counted
        title: what the page is called
        macros: knobs that move values of the chain
        instrument: whose notes go into the chain

    Raises:
        ExportError: a stage has no real-time code, or there is no compiler.
    """
    data = preset_data(stage, values, routed, sample_rate, macros, instrument)
    described = [
        {
            "stage": knob.label,
            "name": knob.spec.name,
            "unit": knob.spec.unit,
            "low": knob.spec.low,
            "high": knob.spec.high,
            "log": knob.spec.scale == "log",
            "choices": list(knob.spec.choices),
            "value": knob.value,
        }
        for knob in live_knobs(stage, values, macros, instrument_knobs(instrument))
    ]
    shown: dict[str, object] = {"knobs": described}
    if instrument is not None:
        shown["key"] = instrument.first_key
    name = "effects" if instrument is None else "instrument"
    parts = {
        "CONTROLS": _asset(f"{name}.html"),
        "PRESET": json.dumps(shown).replace("<", "\\u003c"),
        "PROCESSOR": _asset("processor.js"),
        "PLAYER": _packed(compiled_player()),
        "DATA": _packed(data),
        "STYLE": _asset("live.css"),
        "KNOBS": _asset("knobs.js"),
        "SCRIPT": _asset(f"{name}.js"),
        "TITLE": html.escape(title),  # the last one: it may hold the name of another
    }
    page = _asset("page.html")
    for place, text in parts.items():
        page = page.replace(f"__{place}__", text)
    return page


def _packed(data: bytes) -> str:
    """Return base64 of gzip, the same for the same data."""
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def _asset(name: str) -> str:
    folder = resources.files("fxchain.export").joinpath("assets")
    return folder.joinpath(name).read_text(encoding="utf-8")
