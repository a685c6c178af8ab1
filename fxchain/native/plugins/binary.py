"""The player with its wrappers of VST3, CLAP and LV2: one shared library for all presets."""

from importlib import resources
from pathlib import Path

from fxchain.native.assemble import player_sources
from fxchain.native.compiler import Compiler, compiled
from fxchain.native.plugins.targets import Target

#: Not every linker runs static destructors where a library is unloaded, so there are none.
#: Exceptions, types at run time and locked statics would need the compiled part of the C++ library,
#: which the compiler makes of its source for each target, in minutes.
FLAGS = (
    *("-std=c++17", "-O2", "-g0", "-fvisibility=hidden", "-ffp-contract=off"),
    *("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-unwind-tables"),
    *("-fno-asynchronous-unwind-tables", "-fno-sanitize=all", "-fno-c++-static-destructors"),
    "-fvisibility-global-new-delete=force-hidden",
)
FILES = (
    *("player", "effects", "description", "own_file", "plugin", "runtime"),
    *("vst3_effect", "vst3", "clap", "lv2"),
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
        """Compile as C++, but link as C: without the C++ library."""
        chosen = ("-target", target.triple, *target.flags)
        objects = [f"{name}.o" for name in FILES]
        for name, compiled_file in zip(FILES, objects, strict=True):
            compiler.run("c++", *chosen, *FLAGS, "-c", f"{name}.cpp", "-o", compiled_file)
        linked = ("-shared", "-s", "-o", "plugin", *objects, *target.libraries)
        compiler.run("cc", *chosen, "-g0", *linked)
        return compiler.folder / "plugin"

    recipe = (FLAGS, FILES, target)
    purpose = f"a plug-in for {target.name}"
    return compiled(f"plugin-{target.name}.bin", purpose, plugin_sources(), recipe, made)
