"""How much nearer is a patch with the notes of a MIDI file than with notes that are found?

    python benchmarks/without_midi.py [--cases 20] [--first 0] [--seconds 30] [--methods midi,audio]
        [--label TEXT] [--fresh]

Phrases of eight notes, played by hidden patches, as of `benchmarks/notes.py`. midi: as `fxchain
synth match --midi`; audio: without it, whose notes are found and whose octave, where it is open, is
fitted in a tenth of the seconds. MSS: mel-spectral distance of the whole phrase, of which the first
3 s are heard, played by the patch with the notes of the method, dB.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from method_rows import rows_of_methods
from note_cases import NoteCase, f1
from synth_cases import SAMPLE_RATE

from fxchain.notes.note import Note
from fxchain.notes.one_voice import find_notes
from fxchain.optim.budget import Budget
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.match import OCTAVE_SHARE
from fxchain.synth.play import render_patch
from fxchain.synth.search.heard import heard
from fxchain.synth.search.octaves import nearest_octave
from fxchain.synth.search.schedule import search_voice

#: A distance of the notes that were found may be so many times that of the MIDI file's.
GOAL = 2.0


def _given(case: NoteCase, budget: Budget) -> Sequence[Note]:
    return case.notes


def _found(case: NoteCase, budget: Budget) -> Sequence[Note]:
    part = budget.portion(OCTAVE_SHARE)
    return nearest_octave(case.audio, find_notes(case.audio), part, case.number).notes


METHODS: dict[str, Callable[[NoteCase, Budget], Sequence[Note]]] = {
    "midi": _given,
    "audio": _found,
}


def measure(case: NoteCase, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    truth = case.audio.samples[0]
    budget = Budget(seconds=seconds, clock=time.process_time)
    notes = METHODS[method](case, budget)
    rest = Budget(seconds=max(budget.seconds_left, 0.0), clock=time.process_time)
    found = search_voice(heard(case.audio, notes), rest, case.number)
    patch = found.space.patch(found.cube)
    played = render_patch(patch, notes, SAMPLE_RATE, len(truth))[0]
    return {
        "mss": mel_spectral_distance(played, truth, SAMPLE_RATE),
        "f1": f1(notes, case.notes),
        "hidden": [each.source for each in case.patch.sources],
        "found": [each.source for each in patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then the ratio of the distances."""
    rows = rows_of_methods(
        "without-midi",
        __doc__.splitlines()[0],
        METHODS,
        f"{'MSS':>7}{'F1':>6}  hidden > found",
        lambda number, method, seconds: measure(NoteCase(number), method, seconds),
        lambda row: (
            f"{row['mss']:>7.2f}{row['f1']:>6.2f}  {'+'.join(row['hidden'])} > "
            f"{'+'.join(row['found'])}"
        ),
        cases=20,
        seconds=30.0,
    )
    medians = {name: float(np.median([row["mss"] for row in mine])) for name, mine in rows.items()}
    print("MSS median:", ", ".join(f"{name} {value:.2f} dB" for name, value in medians.items()))
    if set(METHODS) <= set(rows):
        pairs = zip(rows["midi"], rows["audio"], strict=True)
        met = np.mean([other["mss"] <= GOAL * one["mss"] for one, other in pairs])
        print(f"without MIDI at most {GOAL:g} times the distance with it in {met:.0%}")


if __name__ == "__main__":
    main()
