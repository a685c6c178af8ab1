"""A preset as a page that plays it in a browser."""

from fxchain.export.web_page import write_page
from fxchain.native import LiveInstrument
from fxchain.preset.played_macros import live_macros
from fxchain.preset.preset import Preset


def live_page(preset: Preset, title: str, instrument: LiveInstrument | None = None) -> str:
    """Return the page, whose knobs turn in real time, see `fxchain.export.web_page`.

    Args:
        preset: with its macros, which become the first knobs
        title: untrusted text
        instrument: whose notes go into the chain

    Raises:
        ExportError: a stage has no real-time code, or there is no compiler.
    """
    macros = live_macros(preset.stage, preset.macros)
    return write_page(
        preset.stage,
        preset.values,
        preset.routing,
        preset.sample_rate,
        title,
        macros,
        instrument,
    )
