"""Macros set by words, as on a command line."""

from collections.abc import Sequence

from fxchain.errors import PresetError
from fxchain.player.macros import split_settings
from fxchain.preset.preset import Preset


def turned(preset: Preset, texts: Sequence[str], name: str) -> Preset:
    """Return a preset with its macros set as words say.

    Args:
        preset: whose macros are turned
        texts: `NAME=VALUE` each
        name: what messages call the preset

    Raises:
        PresetError: there is no such macro, or the value is none.
    """
    try:
        return preset.with_macros(split_settings(texts))
    except ValueError as error:
        raise PresetError(str(error)) from None
    except PresetError as error:
        raise PresetError(str(error).replace("the preset", name, 1)) from None
