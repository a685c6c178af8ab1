"""Are the notes of chords found in a recording?

    python benchmarks/chords.py [--cases 10] [--first 0] [--methods chords,voice]
        [--label TEXT] [--fresh]

Five chords of three notes, played by hidden patches, as of `benchmarks/notes.py`; chords:
`fxchain synth notes --voices 3`; voice: `fxchain synth notes`, which takes them for one voice. A
note is right where onset (50 ms) and pitch (half a semitone) are.
"""

import time
from typing import Any

import numpy as np
from method_rows import rows_of_methods
from note_cases import VOICES, ChordCase, f1

from fxchain.errors import MatchError
from fxchain.notes.several_voices import found_notes

#: How many voices each method looks for.
METHODS = {"chords": VOICES, "voice": 1}


def measure(case: ChordCase, method: str) -> dict[str, Any]:
    """Return the figures of one method."""
    audio = case.audio
    begun = time.process_time()
    try:
        found = found_notes(audio, METHODS[method]).notes
    except MatchError:
        found = ()
    taken = time.process_time() - begun
    return {
        "any": f1(found, case.notes, any_octave=True),
        "exact": f1(found, case.notes),
        "found": len(found),
        "taken": taken,
        "hidden": [each.source for each in case.patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then the means."""
    rows = rows_of_methods(
        "chords",
        __doc__.splitlines()[0],
        METHODS,
        f"{'any octave':>11}{'exact':>7}{'notes':>7}{'s':>6}  hidden",
        lambda number, method, seconds: measure(ChordCase(number), method),
        lambda row: (
            f"{row['any']:>11.2f}{row['exact']:>7.2f}{row['found']:>7}"
            f"{row['taken']:>6.1f}  {'+'.join(row['hidden'])}"
        ),
        cases=10,
        seconds=0.0,
    )
    for method, mine in rows.items():
        means = [float(np.mean([row[key] for row in mine])) for key in ("any", "exact", "taken")]
        print(
            f"{method}, {len(mine)} recordings: F1 in any octave {means[0]:.3f}, exact "
            f"{means[1]:.3f}, {means[2]:.1f} s"
        )


if __name__ == "__main__":
    main()
