"""Are the notes of one voice found? In closed form, by a fitted octave, by a genetic algorithm.

    python benchmarks/notes.py [--cases 20] [--first 0] [--seconds 10]
        [--methods closed,fitted,genetic] [--label TEXT] [--fresh]

Phrases of eight notes, played by hidden patches. closed: `fxchain synth notes`; fitted: as `fxchain
synth match` without `--midi`, whose brief fits of octaves have the given seconds; genetic: onsets,
durations, pitches and velocities by Nevergrad's evolution strategy with recombination, by the band
powers of what is played, in the given seconds; it is told the patch and the number of notes. A note
is right where onset (50 ms) and pitch (half a semitone) are.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from note_cases import NOTES, NoteCase
from note_rows import figures, print_rows

from fxchain.notes.note import Note
from fxchain.notes.one_voice import HIGHEST_PITCH, LOWEST_PITCH, find_notes
from fxchain.optim.budget import Budget
from fxchain.synth.search.analytic_bands import analytic_bands
from fxchain.synth.search.heard import heard
from fxchain.synth.search.octaves import nearest_octave

#: Of the genetic algorithm.
POPULATION = 40

Method = Callable[[NoteCase, float], Sequence[Note]]


def by_closed_form(case: NoteCase, seconds: float) -> Sequence[Note]:
    """Return what `fxchain synth notes` finds."""
    return find_notes(case.audio).notes


def by_fitted_octave(case: NoteCase, seconds: float) -> Sequence[Note]:
    """Return what `fxchain synth match` takes for the notes."""
    found = find_notes(case.audio)
    return nearest_octave(
        case.audio, found, Budget(seconds=seconds, clock=time.process_time), case.number
    ).notes


def by_genetic_algorithm(case: NoteCase, seconds: float) -> Sequence[Note]:
    """Return what evolution finds, told the patch and the number of notes."""
    import nevergrad as ng

    length, budget = case.audio.seconds, Budget(seconds=seconds, clock=time.process_time)
    whole = heard(case.audio, (Note(0.0, length, 60.0, 1.0),), length)
    bands, voice = analytic_bands(whole), case.patch.voice
    lowest = np.array([0.0, 0.1, LOWEST_PITCH, 0.2])
    highest = np.array([length - 0.2, 0.7, HIGHEST_PITCH, 1.0])

    def notes(cube: np.ndarray) -> tuple[Note, ...]:
        rows = lowest + cube.reshape(NOTES, 4) * (highest - lowest)
        played = [Note(row[0], row[1], float(round(row[2])), row[3]) for row in rows]
        return tuple(sorted(played, key=lambda note: note.start_seconds))

    def loss(cube: np.ndarray) -> float:
        there = replace(bands, heard=replace(whole, notes=notes(cube)))
        there.__dict__["target"] = bands.target
        return float(np.square(there.residual(voice)).sum())

    array = ng.p.Array(init=np.full(4 * NOTES, 0.5)).set_mutation(sigma=0.2)
    array = array.set_bounds(0.0, 1.0, method="clipping")
    array.random_state = np.random.RandomState(case.number)
    kind = ng.optimizers.EvolutionStrategy(
        recombination_ratio=0.9, popsize=POPULATION, offsprings=POPULATION
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = kind(parametrization=array, budget=10**6, num_workers=1)
        rng = np.random.default_rng(case.number)
        best, least = np.full(4 * NOTES, 0.5), np.inf
        while not budget.over:
            candidate = search.ask()
            if budget.taken < POPULATION:
                drawn = rng.uniform(0.0, 1.0, 4 * NOTES)
                candidate = search.parametrization.spawn_child(new_value=drawn)
            value = loss(candidate.value)
            search.tell(candidate, value)
            best, least = (candidate.value, value) if value < least else (best, least)
            budget.step("genetic", least)
    return notes(best)


METHODS: dict[str, Method] = {
    "closed": by_closed_form,
    "fitted": by_fitted_octave,
    "genetic": by_genetic_algorithm,
}


def main() -> None:
    """Print a row for each case and method, then the means."""

    def measure(number: int, method: str, seconds: float) -> dict[str, Any]:
        case = NoteCase(number)
        return figures(case, lambda: METHODS[method](case, seconds))

    print_rows("notes", __doc__.splitlines()[0], METHODS, measure, cases=20, seconds=10.0)


if __name__ == "__main__":
    main()
