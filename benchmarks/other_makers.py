"""How near does a patch come to other makers' instruments? Beside a sampler and CMA-ES.

    python benchmarks/other_makers.py faust|programs [--cases 10] [--first 0] [--seconds 30]
        [--methods match,cma,…] [--label TEXT] [--fresh]

faust: patches in Faust (oscillators, filters and physical models of its libraries, DawDreamer);
programs: programs of a General MIDI sound font. Three notes are heard, four others judge. Every
method has the same seconds of one processor and the same notes. MSS: mel-spectral distance on the
judging notes, dB; sampler: for each judging note the nearest that was heard, resampled. Needs the
extra `makers`.
"""

import sys
import time
from typing import Any

import numpy as np
from maker_cases import (
    FAUST_CASES,
    PROGRAM_CASES,
    SAMPLE_RATE,
    FaustCase,
    MakerCase,
    ProgramCase,
)
from method_rows import rows_of_methods
from note_draws import sampled
from synth import METHODS

from fxchain.synth.distance import mel_spectral_distance

#: Kinds of cases, how many are reported, and the goal: the distance over that of each peer.
KINDS: dict[str, tuple[type[MakerCase], int, float]] = {
    "faust": (FaustCase, FAUST_CASES, 0.7),
    "programs": (ProgramCase, PROGRAM_CASES, 1.0),
}


def measure(case: MakerCase, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    _ = case.heard
    begun = time.process_time()
    patch = METHODS[method](case, seconds)
    taken = time.process_time() - begun
    played = sampled(case.recorded, case.notes, case.judging, len(case.truth), SAMPLE_RATE)
    return {
        "name": case.name,
        "mss": case.judged(patch),
        "sampler": mel_spectral_distance(played, case.truth, SAMPLE_RATE),
        "taken": taken,
        "found": [f"{each.source}{each.octave or ''}" for each in patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then how often the goal is met."""
    kind = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if kind not in KINDS:
        sys.exit(f"usage: python benchmarks/other_makers.py {'|'.join(KINDS)} [--cases …]")
    made, cases, goal = KINDS[kind]
    rows = rows_of_methods(
        f"makers-{kind}",
        __doc__.splitlines()[0],
        METHODS,
        f"{'MSS':>7}{'sampler':>9}{'s':>5}  instrument > found",
        lambda number, method, seconds: measure(made(number), method, seconds),
        lambda row: (
            f"{row['mss']:>7.2f}{row['sampler']:>9.2f}{row['taken']:>5.0f}  {row['name']} > "
            f"{'+'.join(row['found'])}"
        ),
        cases=cases,
        seconds=30.0,
    )
    for method, mine in rows.items():
        print(f"{method}: MSS median {np.median([row['mss'] for row in mine]):.2f} dB")
    own = rows.get("match", [])
    for peer, distances in _peers(rows).items():
        pairs = list(zip(own, distances, strict=True))
        met = np.mean([row["mss"] <= goal * other for row, other in pairs])
        lost = [row["name"] for row, other in pairs if row["mss"] >= other]
        print(f"at most {goal} of {peer} in {met:.0%}; not below it: {', '.join(lost) or 'none'}")


def _peers(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[float]]:
    """Return the distances of the sampler and of the other methods."""
    found = {name: [row["mss"] for row in mine] for name, mine in rows.items() if name != "match"}
    return {"sampler": [row["sampler"] for row in rows.get("match", [])], **found}


if __name__ == "__main__":
    main()
