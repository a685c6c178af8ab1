"""The player with its wrappers of VST3, CLAP and LV2: one shared library for all presets."""

from importlib import resources
from pathlib import Path

from fxchain.native.assemble import player_sources
from fxchain.native.compiler import Compiler, compiled
from fxchain.native.plugins.targets import Target

#: In the order in which they are compiled as one: what the system declares comes last.
FILES = tuple(
    f"{name}.cpp"
    for name in (
        *("player", "effects", "sources", "description", "plugin", "runtime"),
        *("vst3_effect", "vst3", "clap", "lv2", "own_file"),
    )
)


def plugin_sources() -> dict[str, str]:
    """Return the text of every file of a plug-in by its name, those of the player among them."""
    folder = resources.files("fxchain.native.plugins").joinpath("source")
    texts = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}
    return {**player_sources(), **texts}


def compiled_plugin(target: Target) -> bytes:
    """Return the shared library for a machine; which preset it plays, stands behind its end.

    It is kept in the user's folder for caches under a hash of its source.

    Raises:
        ExportError: it was not compiled before, and the compiler is missing or fails.
    """

    def made(compiler: Compiler) -> Path:
        machine = ("-target", target.triple, *target.flags)
        return compiler.link(machine, FILES, ("-shared", *target.libraries))

    recipe = (FILES, target)
    purpose = f"a plug-in for {target.name}"
    return compiled(f"plugin-{target.name}.bin", purpose, plugin_sources(), recipe, made)
