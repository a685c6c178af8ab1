"""The player as WebAssembly, compiled once and kept."""

from pathlib import Path

from fxchain.native.assemble import player_sources
from fxchain.native.compiler import Compiler, compiled

MACHINE = ("-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128")
FILES = ("player.cpp", "effects.cpp", "runtime.cpp", "web.cpp")


def compiled_player() -> bytes:
    """Return the compiled player, which is the same for all presets.

    It is kept in the user's folder for caches under a hash of its source.

    Raises:
        ExportError: it was not compiled before, and the compiler is missing or fails.
    """
    recipe = (MACHINE, FILES)
    return compiled("player.wasm", "the web page", player_sources(), recipe, _made)


def _made(compiler: Compiler) -> Path:
    return compiler.link(MACHINE, FILES, ())
