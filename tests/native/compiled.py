"""Programs around the player, and how recordings go through them."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from fxchain.native import preset_data
from fxchain.preset import Preset
from fxchain.preset.played_macros import live_macros

FLAGS = ("-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-I.")
#: What is linked with each program.
LINKED = ("player", "effects", "sources", "preset")
FOUND = (shutil.which(name) for name in ("c++", "g++", "clang++"))
COMPILER = next((each for each in FOUND if each is not None), None)
HERE = Path(__file__).parent


class Programs:
    """What is linked with the player.

    Args:
        folder: where its objects lie
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def link(self, source: Path) -> Path:
        """Return a program of one source file and the player."""
        made = self.folder / source.stem
        if not made.exists():
            objects = [f"{name}.o" for name in LINKED]
            command = [COMPILER, *FLAGS, source, *objects, "-o", made]
            subprocess.run(command, cwd=self.folder, check=True)
        return made

    def run(self, source: Path, preset: Preset, *arguments: object, given: bytes = b"") -> bytes:
        """Return what a program writes about a preset."""
        macros = live_macros(preset.stage, preset.macros)
        data = preset_data(preset.stage, preset.values, preset.routing, preset.sample_rate, macros)
        return self.run_data(source, data, *arguments, given=given)

    def run_data(self, source: Path, data: bytes, *arguments: object, given: bytes = b"") -> bytes:
        """Return what a program writes about the data of a preset."""
        file = self.folder / "preset.bin"
        file.write_bytes(data)
        done = subprocess.run(
            [self.link(source), *map(str, arguments)],
            input=given,
            capture_output=True,
            env={**os.environ, "FXCHAIN_PRESET_FILE": str(file)},
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout

    def play(self, preset: Preset, audio: np.ndarray, rate: int, block: int = 512) -> np.ndarray:
        """Return what the player makes of (channels, samples) in blocks of a size."""
        frames = np.ascontiguousarray(audio.T, dtype="<f4").tobytes()
        source = self.folder / "render.cpp"
        played = self.run(source, preset, rate, len(audio), block, given=frames)
        return np.frombuffer(played, "<f4").reshape(audio.shape[1], -1).T
