"""Are the notes of chords found in a recording?

    python benchmarks/chords.py [--cases 10] [--first 0] [--methods chords,voice]
        [--label TEXT] [--fresh]

Five chords of three notes, played by hidden patches, as of `benchmarks/notes.py`; chords:
`fxchain synth notes --voices 3`; voice: `fxchain synth notes`, which takes them for one voice. A
note is right where onset (50 ms) and pitch (half a semitone) are.
"""

from typing import Any

from note_cases import VOICES, ChordCase
from note_rows import figures, print_rows

from fxchain.notes.several_voices import found_notes

#: How many voices each method looks for.
METHODS = {"chords": VOICES, "voice": 1}


def main() -> None:
    """Print a row for each case and method, then the means."""

    def measure(number: int, method: str, seconds: float) -> dict[str, Any]:
        case = ChordCase(number)
        return figures(case, lambda: found_notes(case.audio, METHODS[method]).notes)

    print_rows("chords", __doc__.splitlines()[0], METHODS, measure, cases=10, seconds=0.0)


if __name__ == "__main__":
    main()
