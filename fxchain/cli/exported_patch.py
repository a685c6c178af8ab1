"""A patch as an instrument that `fxchain export` writes."""

from pathlib import Path

from fxchain.cli.exported_plugin import PLUGINS, Wish
from fxchain.errors import ExportError

#: What a patch can become.
_FORMATS = ("web", "vst3", "clap", "lv2")


def export_patch(path: Path, format: str, wish: Wish) -> None:
    """Write a patch as an instrument.

    Args:
        path: of the patch
        format: "web", "vst3" …
        wish: what was asked for

    Raises:
        ExportError: there is no such form of it, or it cannot be made.
        PresetError: it cannot be read.
    """
    from fxchain.files.atomic import write_text_atomic
    from fxchain.preset.live_page import live_page
    from fxchain.synth.live import live_effects, live_instrument
    from fxchain.synth.patch_kinds import load_patch

    patch = load_patch(path)
    if format not in _FORMATS:
        raise ExportError(
            f"{path}: a patch is exported as an instrument, by --format {', '.join(_FORMATS)}"
        )
    if format in PLUGINS:
        wish.write(wish.describe(live_effects(patch), live_instrument(patch)))
    else:
        page = live_page(live_effects(patch), wish.out.stem, live_instrument(patch))
        write_text_atomic(wish.out, page, wish.force)
