"""The player as WebAssembly, compiled once and kept."""

import hashlib
import importlib.util
import os
import subprocess
import tempfile
from pathlib import Path

from fxchain.child_process import module_command, module_environment
from fxchain.errors import ExportError
from fxchain.native.assemble import player_sources

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
    sources = player_sources()
    digest = hashlib.sha256(repr((FLAGS, FILES, sorted(sources.items()))).encode()).hexdigest()
    kept = _cache_folder() / f"player-{digest[:32]}.wasm"
    if kept.is_file():
        return kept.read_bytes()
    if importlib.util.find_spec("ziglang") is None:
        raise ExportError(
            "the web page needs a compiler once: install ziglang, as in pip install "
            "'fxchain[plugins]'"
        )
    made = _compiled(sources)
    _keep(kept, made)
    return made


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fxchain"


def _compiled(sources: dict[str, str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        command = module_command("ziglang", "c++", *FLAGS, *FILES, "-o", "player.wasm")
        environment = module_environment()
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            raise ExportError(f"the compiler ziglang could not make the player: {lines[0]}")
        return Path(folder, "player.wasm").read_bytes()


def _keep(place: Path, made: bytes) -> None:
    """Write a file, complete or not at all; where that is impossible it is compiled again."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made)
        os.replace(temporary, place)
    except OSError:
        return
