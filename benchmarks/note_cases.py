"""Hidden phrases of one voice, and how many of their notes are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from synth_cases import SAMPLE_RATE, SynthCase

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import Audio, from_array
from fxchain.notes.note import Note
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.sources import SOURCES

#: A found note is right where it begins at most so far from the hidden one, s, and its pitch is at
#: most so far away, semitones.
ONSET_SECONDS, PITCH_SEMITONES = 0.05, 0.5
#: Notes of a phrase.
NOTES = 8
#: Chords of a phrase, and notes of a chord.
CHORDS, VOICES = 5, 3


@dataclass(frozen=True)
class NoteCase:
    """A phrase of eight notes, played by a hidden patch.

    Patches are those of `SynthCase`; one is drawn again where it has no source at the octave of
    the notes, because the octave cannot be heard then.

    Attributes:
        number: from 0
    """

    number: int

    @cached_property
    def synth(self) -> SynthCase:
        """Return the case whose patch plays."""
        for attempt in range(100):
            case = SynthCase(10_000 + 100 * self.number + attempt)
            if any(
                each.octave == 0 and SOURCES[each.source].coefficients is not None
                for each in case.patch.sources
            ):
                return case
        raise RuntimeError("no patch with a pitch in 100 draws")

    @property
    def patch(self) -> Patch:
        """Return the hidden patch."""
        return self.synth.patch

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Return the hidden notes: steps of up to an octave, repetitions, legato or with gaps."""
        rng = hidden_rng((32, self.number))
        notes, start, pitch = [], float(rng.uniform(0.0, 0.3)), int(rng.integers(48, 68))
        for _ in range(NOTES):
            seconds = float(rng.uniform(0.2, 0.6))
            notes.append(Note(start, seconds, float(pitch), float(rng.uniform(0.4, 1.0))))
            start += seconds + float(rng.choice((0.0, rng.uniform(0.02, 0.2))))
            step = int(rng.integers(-12, 13))
            pitch += step if 40 <= pitch + step <= 76 else -step
        return tuple(notes)

    @cached_property
    def audio(self) -> Audio:
        """Return the recording."""
        return from_array(render_patch(self.patch, self.notes, SAMPLE_RATE), SAMPLE_RATE, "phrase")


@dataclass(frozen=True)
class ChordCase(NoteCase):
    """Five chords of three notes, played by a hidden patch of a `NoteCase`.

    Attributes:
        number: from 0
    """

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Return the hidden notes: three different pitches begin together and end together."""
        rng = hidden_rng((34, self.number))
        notes, start = [], float(rng.uniform(0.0, 0.3))
        for _ in range(CHORDS):
            seconds = float(rng.uniform(0.4, 0.8))
            for pitch in sorted(rng.choice(np.arange(45, 77), VOICES, replace=False)):
                notes.append(Note(start, seconds, float(pitch), float(rng.uniform(0.5, 1.0))))
            start += seconds + float(rng.uniform(0.05, 0.3))
        return tuple(notes)


def f1(found: Sequence[Note], hidden: Sequence[Note], any_octave: bool = False) -> float:
    """Return the harmonic mean of precision and recall of notes, by onset and pitch.

    Args:
        found: by a method
        hidden: the truth
        any_octave: pitches count as right in each octave
    """
    from scipy.optimize import linear_sum_assignment

    if not found or not hidden:
        return 0.0
    right = np.zeros((len(found), len(hidden)))
    for row, one in enumerate(found):
        for column, other in enumerate(hidden):
            away = abs(one.pitch - other.pitch)
            away = abs(away - 12.0 * round(away / 12.0)) if any_octave else away
            near = abs(one.start_seconds - other.start_seconds) <= ONSET_SECONDS
            right[row, column] = near and away <= PITCH_SEMITONES
    pairs = linear_sum_assignment(right, maximize=True)
    return float(2.0 * right[pairs].sum() / (len(found) + len(hidden)))
