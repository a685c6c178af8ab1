"""How near does a drum come to real one-shots? Beside CMA-ES from the middle of the cube.

    python benchmarks/one_shots.py [--cases 16] [--first 0] [--seconds 30] [--methods match,cma]
        [--kits /usr/share/hydrogen/data/drumkits] [--label TEXT] [--fresh]

Recordings of Debian's package hydrogen-drumkits, drawn at random: kit after kit, one of its files.
Both methods have the same seconds of one processor and the same sources; CMA-ES is told the level.
MSS: mel-spectral distance to the hit (at most its first second), dB.
"""

import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from drums import METHODS
from method_rows import rows_of_methods

from fxchain.data.presets import hidden_rng
from fxchain.errors import AudioError, MatchError
from fxchain.files.audio_input import Audio, read_audio
from fxchain.notes.note import Note
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.drum.hit import heard_hit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.search.heard import Heard

#: Where the package lies.
KITS = Path("/usr/share/hydrogen/data/drumkits")
_ENDINGS = (".wav", ".flac", ".aiff")


@dataclass(frozen=True)
class OneShot:
    """A recording of one hit.

    Attributes:
        number: from 0
        folder: of the kits
    """

    number: int
    folder: Path

    @cached_property
    def path(self) -> Path:
        """Return the file: of the kit whose turn it is, the first of a draw that is no silence."""
        kits = sorted(each for each in self.folder.iterdir() if each.is_dir())
        kit = kits[self.number % len(kits)]
        files = sorted(each for each in kit.iterdir() if each.suffix in _ENDINGS)
        for place in hidden_rng((40, self.number)).permutation(len(files)):
            try:
                heard_hit(read_audio(files[place]))
            except (AudioError, MatchError):
                continue
            return files[place]
        raise SystemExit(f"{kit}: there is no recording of a drum in it")

    @cached_property
    def audio(self) -> Audio:
        """Return the recording."""
        return read_audio(self.path)

    @cached_property
    def heard(self) -> Heard:
        """Return what a search hears."""
        return heard_hit(self.audio)[0]

    @property
    def space(self) -> DrumSpace:
        """Return coordinates at the level of the recording, which CMA-ES is told."""
        return DrumSpace(level=float(np.abs(self.heard.samples).max()))

    def judged(self, patch: DrumPatch) -> float:
        """Return the mel-spectral distance of a patch to the hit, dB."""
        hit, rate = self.heard.samples, self.heard.sample_rate
        played = render_drum(patch, (Note(0.0, 0.1, 36.0, 1.0),), rate, len(hit))[0]
        return mel_spectral_distance(played, hit, rate)


def measure(case: OneShot, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    _ = case.heard
    begun = time.process_time()
    patch = METHODS[method](case, seconds)
    return {
        "name": f"{case.path.parent.name}/{case.path.name}",
        "mss": case.judged(patch),
        "taken": time.process_time() - begun,
        "found": [each.source for each in patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then in how many cases the match is nearer."""
    folder = KITS
    if "--kits" in sys.argv:
        place = sys.argv.index("--kits")
        folder = Path(sys.argv.pop(place + 1))
        sys.argv.pop(place)
    if not folder.is_dir():
        sys.exit(f"{folder}: there are no kits; install Debian's hydrogen-drumkits, or give --kits")
    rows = rows_of_methods(
        "one-shots",
        __doc__.splitlines()[0],
        METHODS,
        f"{'MSS':>7}{'s':>5}  recording > found",
        lambda number, method, seconds: measure(OneShot(number, folder), method, seconds),
        lambda row: (
            f"{row['mss']:>7.2f}{row['taken']:>5.0f}  {row['name']} > {'+'.join(row['found'])}"
        ),
        cases=16,
        seconds=30.0,
    )
    for method, mine in rows.items():
        print(f"{method}: MSS median {np.median([row['mss'] for row in mine]):.2f} dB")
    if "match" in rows and "cma" in rows:
        pairs = list(zip(rows["match"], rows["cma"], strict=True))
        lost = [one["name"] for one, other in pairs if one["mss"] >= other["mss"]]
        print(
            f"below CMA-ES in {1.0 - len(lost) / len(pairs):.0%}; lost: {', '.join(lost) or 'none'}"
        )


if __name__ == "__main__":
    main()
