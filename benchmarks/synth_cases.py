"""Hidden patches, the notes that are heard, and those that judge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from knob_distance import knob_distances
from note_draws import drawn_notes

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.heard import Heard, heard
from fxchain.synth.search.space import Space, label
from fxchain.synth.sources import SOURCES
from fxchain.synth.voice.oscillator import Oscillator
from fxchain.synth.voice.playing import play_voice

SAMPLE_RATE = 44_100
#: A knob is audible where a tenth of its range changes the judging notes by more, dB.
AUDIBLE_DB = 0.2
#: Of the hidden noise; a search draws its own.
HIDDEN_NOISE_SEED = 1_000_003


@dataclass(frozen=True)
class SynthCase:
    """A hidden patch.

    Attributes:
        number: from 0
        level: amplitude that a weight of 1 stands for; the peers are told
    """

    number: int
    level: float = 0.2

    @property
    def space(self) -> Space:
        """Return the coordinates in which it is hidden."""
        return Space(level=self.level, noise_seed=HIDDEN_NOISE_SEED)

    @cached_property
    def cube(self) -> np.ndarray:
        """Return where it is: one to three sources, half with detune, a third with vibrato."""
        rng, space = hidden_rng((30, self.number)), self.space
        cube = rng.uniform(0.05, 0.95, len(space.specs))
        weights = np.zeros(len(space.sources))
        on = rng.choice(len(weights), rng.integers(1, 4), replace=False)
        weights[on] = rng.uniform(0.2, 1.0, len(on))
        cube[space.weights] = weights
        if rng.uniform() < 0.5:
            cube[space.indices("unison_mix")] = 0.0
        if rng.uniform() < 2.0 / 3.0:
            cube[space.indices("vibrato_depth_cents")] = 0.0
        return cube

    @cached_property
    def patch(self) -> Patch:
        """Return the hidden patch."""
        return self.space.patch(self.cube)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Return three notes that are heard, within 3 s."""
        return drawn_notes(hidden_rng((31, self.number, 3)), 3, 0.45, 0.75)

    @cached_property
    def judging(self) -> tuple[Note, ...]:
        """Return four other notes that are not."""
        return drawn_notes(hidden_rng((31, self.number, 4)), 4, 0.2, 0.8)

    @cached_property
    def heard(self) -> Heard:
        """Return what a search hears."""
        samples = self.recorded(self.patch, self.notes, 3 * SAMPLE_RATE).astype(np.float32)[None]
        return heard(from_array(samples, SAMPLE_RATE), self.notes)

    def recorded(self, patch: Patch, notes: Sequence[Note], samples: int) -> np.ndarray:
        """Return what the hidden instrument plays with a patch, (samples,)."""
        return render_patch(patch, notes, SAMPLE_RATE, samples)[0]

    def judged(self, patch: Patch) -> float:
        """Return the mel-spectral distance of a patch on the judging notes, dB."""
        return mel_spectral_distance(self._judging_audio(patch), self._truth, SAMPLE_RATE)

    def floor(self) -> float:
        """Return that of the truth with another draw of its noise, and of free phases."""
        again = self.recorded(
            self.patch.model_copy(update={"noise_seed": 7}), self.judging, 4 * SAMPLE_RATE
        )
        return mel_spectral_distance(again, self._truth, SAMPLE_RATE)

    def esr(self, patch: Patch) -> float:
        """Return the error-to-signal ratio on the judging notes, both without their noise."""
        truth, found = (self._judging_audio(without_noise(each)) for each in (self.patch, patch))
        power = float(np.square(truth).sum())
        return float(np.square(found - truth).sum()) / power if power > 0.0 else 0.0

    @cached_property
    def _truth(self) -> np.ndarray:
        return self.recorded(self.patch, self.judging, 4 * SAMPLE_RATE)

    def _judging_audio(self, patch: Patch) -> np.ndarray:
        return render_patch(patch, self.judging, SAMPLE_RATE, 4 * SAMPLE_RATE)[0]

    @cached_property
    def audible(self) -> tuple[str, ...]:
        """Return the names of the knobs that can be heard."""
        found = []
        for index, name in enumerate(self.space.names):
            moved = self.cube.copy()
            moved[index] += 0.1 if moved[index] < 0.5 else -0.1
            moved[index] = max(moved[index], 0.0)
            voice = self.space.patch(moved)
            there = voice.model_copy(update={"effects": self.patch.effects})
            played = self.recorded(there, self.judging, 4 * SAMPLE_RATE)
            if mel_spectral_distance(played, self._truth, SAMPLE_RATE) > AUDIBLE_DB:
                found.append(name)
        return tuple(found)

    def knob_errors(self, patch: Patch) -> dict[str, float]:
        """Return the distance in the unit cube of each audible knob."""
        return knob_distances(self.audible, positions(self.patch), positions(patch))


@dataclass(frozen=True)
class FreeCase(SynthCase):
    """A hidden patch whose sources run freely: each begins each note at another phase."""

    def recorded(self, patch: Patch, notes: Sequence[Note], samples: int) -> np.ndarray:
        """Return what the hidden instrument plays with a patch, (samples,)."""
        rng = hidden_rng((41, self.number, patch.noise_seed, len(notes)))
        total = np.zeros(samples)
        for number, note in enumerate(notes):
            voice = patch.voice
            turned = tuple(
                replace(each, coefficients=_turned(each, float(rng.uniform(0.0, 2.0 * np.pi))))
                for each in voice.oscillators
            )
            seeded = replace(voice, oscillators=turned, noise_seed=voice.noise_seed + number)
            total += play_voice(np, seeded, (note,), SAMPLE_RATE, samples)
        return total


def _turned(source: Oscillator, angle: float) -> Callable[..., Any] | None:
    """Return the coefficients of a source that begins at another phase, rad."""
    own = source.coefficients
    if own is None:
        return None

    def turned(xp: Any, harmonics: Any, **values: Any) -> Any:
        return own(xp, harmonics, **values) * np.exp(1j * angle * harmonics)

    return turned


def without_noise(patch: Patch) -> Patch:
    """Return a patch whose noise is silent."""
    silent = [
        each.model_copy(update={"weight": 0.0}) if SOURCES[each.source].noisy else each
        for each in patch.sources
    ]
    return patch.model_copy(update={"sources": tuple(silent)})


def positions(patch: Patch) -> dict[str, float]:
    """Return the positions of all knobs of a patch in the unit cube, by their names."""
    space = Space(tuple((each.source, each.octave) for each in patch.sources))
    values: dict[str, float] = dict(patch.controls)
    for each in patch.sources:
        name = label(each.source, each.octave)
        values[f"{name}.weight"] = each.weight
        values |= {f"{name}.{own}": value for own, value in each.parameters.items()}
    pairs = zip(space.names, space.specs, strict=True)
    return {name: spec.normalize(values[name]) for name, spec in pairs}
