"""Add a golden preset and the sound it makes; those that exist are never edited.

    python tests/presets/add.py PRESET NAME [CHANNELS]

copies PRESET to vN/NAME.json, plays a quarter of a second of noise through it at its own sample
rate and stores what went in and came out in vN/NAME.npz; N is the version of the format that
presets are written in now.
"""

import sys
from pathlib import Path

import numpy as np

from fxchain.data.signals import white_noise
from fxchain.preset import Preset
from fxchain.preset.migrations import VERSION

FOLDER = Path(__file__).parent / f"v{VERSION}"
SECONDS = 0.25


def add(source: Path, name: str, channels: int = 1) -> None:
    """Store a preset as NAME.json and its sound as NAME.npz."""
    preset, sound = FOLDER / f"{name}.json", FOLDER / f"{name}.npz"
    FOLDER.mkdir(exist_ok=True)
    if preset.exists() or sound.exists():
        raise SystemExit(f"{name} exists and must stay as it is; choose another name")
    loaded = Preset.load(source)
    rate = loaded.sample_rate
    dry = white_noise(SECONDS, rate, seed=1, channels=channels)
    wet = loaded.board(rate)(dry, rate, reset=True)
    loaded.save(preset)
    np.savez(sound, dry=dry, wet=wet)


if __name__ == "__main__":
    add(Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:4]))
