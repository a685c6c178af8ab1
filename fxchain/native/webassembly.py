"""The player as WebAssembly, compiled once and kept."""

from pathlib import Path

from fxchain.native.assemble import player_sources
from fxchain.native.compiler import Compiler, compiled

FLAGS = (
    *("-target", "wasm32-wasi", "-mexec-model=reactor", "-std=c++17", "-O2", "-s"),
    *("-fno-exceptions", "-fno-rtti", "-ffp-contract=off"),
)
FILES = ("player.cpp", "effects.cpp", "web.cpp")


def compiled_player() -> bytes:
    """Return the compiled player, which is the same for all presets.

    It is kept in the user's folder for caches under a hash of its source.

    Raises:
        ExportError: it was not compiled before, and the compiler is missing or fails.
    """
    return compiled("player.wasm", "the web page", player_sources(), (FLAGS, FILES), _made)


def _made(compiler: Compiler) -> Path:
    compiler.run("c++", *FLAGS, *FILES, "-o", "player.wasm")
    return compiler.folder / "player.wasm"
