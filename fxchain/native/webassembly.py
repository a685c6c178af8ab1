"""The player as WebAssembly, compiled once and kept."""

from pathlib import Path

from fxchain.native.assemble import player_sources
from fxchain.native.compiler import Compiler, compiled, kept

MACHINE = ("-target", "wasm32-wasi", "-mexec-model=reactor", "-msimd128")
FILES = ("player.cpp", "effects.cpp", "sources.cpp", "runtime.cpp", "web.cpp")
_NAME = "player.wasm"
_RECIPE = (MACHINE, FILES)


def compiled_player() -> bytes:
    """Return the compiled player, which is the same for all presets.

    It is kept in the user's folder for caches under a hash of its source.

    Raises:
        ExportError: it was not compiled before, and the compiler is missing or fails.
    """
    return compiled(_NAME, "the web page", player_sources(), _RECIPE, _made)


def kept_player() -> bytes | None:
    """Return the compiled player if it was compiled before; None without compiling it."""
    return kept(_NAME, player_sources(), _RECIPE)


def _made(compiler: Compiler) -> Path:
    return compiler.link(MACHINE, FILES, ())
