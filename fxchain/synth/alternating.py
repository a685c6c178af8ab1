"""A voice is found, then the effects behind it, together with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fxchain.files.audio_input import Audio
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget, Progress
from fxchain.optim.halting import halted_by_signals
from fxchain.preset import Preset
from fxchain.primitives import Primitive
from fxchain.stage import Chain, Effect
from fxchain.synth.effects_growth import with_another_effect
from fxchain.synth.hooks import Hooks
from fxchain.synth.instrument.needed import WORTH, audible_distance, descended, needed_effects
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard, heard
from fxchain.synth.search.refining import FoundVoice, compared, refine
from fxchain.synth.search.schedule import search_voice
from fxchain.synth.search.waveform_start import EXPLAINED
from fxchain.synth.undone_drive import undone

#: Shares of the time at which the phases end: the voice of the beginning, its steps with the whole
#: recording, effects behind it; effects that are not needed are left out; what is left is refined.
#: For the rest effects that are not needed behind the refined voice are left out.
SEARCH_UNTIL, VOICE_UNTIL, GROWTH_UNTIL, NEEDED_UNTIL, REFINED_UNTIL = 0.24, 0.28, 0.82, 0.9, 0.97
#: Shares of the time where no effect helps: for the voice without what effects add, then for both.
ANEW, AGAIN = 0.1, 0.04
#: Steps of voice and effects together.
STEPS = 20
#: The beginning of a recording lasts so long at least, s.
BEGINNING_SECONDS = 0.2


@dataclass(frozen=True, eq=False)
class _Found:
    """A voice, or a voice with effects, and how far it is from the recording."""

    error: AudioError
    cube: np.ndarray

    @cached_property
    def distance(self) -> float:
        """Return its distance; see `audible_distance`."""
        return audible_distance(self.error, self.cube)

    @property
    def explained(self) -> bool:
        """Tell whether nothing of the recording is left to explain."""
        return self.error.esr(self.cube) < EXPLAINED


@dataclass(frozen=True, eq=False)
class Asked:
    """What a voice and effects are searched for.

    Attributes:
        audio: the recording
        notes: what is played in it
        stretch: of it that is fitted
        options: seed, effects, how long
        kinds: of the effects in the chain
    """

    audio: Audio
    notes: Sequence[Note]
    stretch: Heard
    options: SynthOptions
    kinds: Sequence[Primitive]


@dataclass(frozen=True, eq=False)
class Search:
    """What is asked for, how long it may take, and who is told; each phase of the search."""

    asked: Asked
    budget: Budget
    hooks: Hooks

    def first_voice(self) -> _Found:
        """Return a voice that is found in the beginning of the recording, after steps with the
        whole of it: with a drive behind it, where a voice comes nearer to the recording without."""
        takes: list[tuple[Heard, Preset | None]] = [(self.asked.stretch, None), *self._undone()]
        best: tuple[float, _Found] | None = None
        for number, (take, drive) in enumerate(takes):
            first = beginning(take)
            share = SEARCH_UNTIL / len(takes)
            voice = self.voice(first, share * number, share * (number + 1))
            away = audible_distance(AudioError(first, voice.error.space), voice.cube)
            if drive is not None:
                space, cube = InstrumentSpace.of(voice.error.space, voice.cube, drive)
                voice = _Found(replace(voice.error, space=space), cube)
            if best is None or away < best[0] - WORTH:
                best = away, voice
            if self.budget.halted:
                break
        assert best is not None
        return self.descended(best[1], SEARCH_UNTIL, VOICE_UNTIL)

    def _undone(self) -> Iterator[tuple[Heard, Preset]]:
        """Yield the recording before each kind of drive that may be its last effect, and that."""
        audio = self.asked.audio
        for kind in {each.kind: each for each in self.asked.kinds}.values():
            before = undone(audio, kind)
            if before is not None:
                drive = Chain((Effect(kind),))
                values = np.array([slot.spec.default for slot in drive.slots()])
                yield heard(before, self.asked.notes), Preset(drive, values, audio.sample_rate)

    def descended(self, found: _Found, begun: float, until: float) -> _Found:
        """Return voice and effects after steps of both."""
        part = self.part(begun, until)
        if part.over:
            return found
        with halted_by_signals(part):
            cube = descended(found.error, found.cube, STEPS, part)
        self._count(part)
        return _Found(found.error, cube)

    def voice(self, dry: Heard, begun: float, until: float) -> _Found:
        """Return the voice that is found in a recording without effects.

        Args:
            dry: what the voice is searched in
            begun: share of the budget at which the search begins
            until: share at which it ends
        """
        part = self.part(begun, until)
        with halted_by_signals(part):
            found = search_voice(dry, part, self.asked.options.seed, measured=False)
        self._count(part)
        return _Found(AudioError(self.asked.stretch, found.space), found.cube)

    def grown(self, found: _Found) -> _Found:
        """Return a voice with one effect after the other behind it, where it needs them; where it
        needs none, the voice is refined in the recording less what they add, and they are tried
        again until neither comes nearer."""
        while not (self.budget.halted or found.explained or self.budget.used >= GROWTH_UNTIL):
            part = self.part(self.budget.used, GROWTH_UNTIL)
            with halted_by_signals(part):
                error, cube = with_another_effect(
                    found.error, found.cube, self.asked.kinds, self.asked.audio.sample_rate, part
                )
            self._count(part)
            further, before, found = error is not found.error, found, _Found(error, cube)
            if further or found.explained or self.budget.halted:
                continue
            found = min(found, self.voice_anew(found), key=lambda each: each.distance)
            if before.distance - found.distance <= WORTH:
                break
        return found

    def voice_anew(self, found: _Found) -> _Found:
        """Return the effects of a found instrument behind a voice that is refined in the recording
        less what they add, after steps of all."""
        space, cube, used = found.error.space, found.cube, self.budget.used
        refined = min(used + ANEW, GROWTH_UNTIL)
        part, error = self.part(used, refined), found.error
        if isinstance(space, InstrumentSpace):
            dry = without_effects(self.asked.stretch, space, cube)
            error = AudioError(dry, space.alone)
        begun = cube[: len(error.space.specs)]
        with halted_by_signals(part):
            voice = refine(error, begun, part, self.asked.options.seed)
        self._count(part)
        again, there = voice.space, voice.cube
        if isinstance(space, InstrumentSpace):
            again, there = InstrumentSpace.of(again, there, space.effects(cube))
        instrument = _Found(replace(found.error, space=again), there)
        return self.descended(instrument, refined, min(refined + AGAIN, GROWTH_UNTIL))

    def needed(self, found: _Found, until: float) -> _Found:
        """Return a voice with no more effects than it needs."""
        part = self.part(self.budget.used, until)
        with halted_by_signals(part):
            error, cube = needed_effects(found.error, found.cube, part)
        self._count(part)
        return _Found(error, cube)

    def refined(self, found: _Found, until: float) -> _Found:
        """Return voice and effects after the last steps, with no more sources than are needed."""
        part = self.part(self.budget.used, until)
        with halted_by_signals(part):
            last = refine(found.error, found.cube, part, self.asked.options.seed)
        self._count(part)
        refined = _Found(replace(found.error, space=last.space), last.cube)
        return min(refined, found, key=lambda each: each.distance)

    def part(self, begun: float, until: float) -> Budget:
        """Return a budget of its own of what is left of the whole one up to a share of it."""
        seconds, budget = self.budget.seconds, self.budget
        return Budget(
            None if seconds is None else max(until * seconds - budget.elapsed, 0.0),
            None if budget.steps is None else int(budget.steps_left(until)),
            self.hooks.clock,
            progress=scaled(self.hooks.progress, begun, until),
            halted=budget.halted,
        )

    def _count(self, part: Budget) -> None:
        """Count the steps of a part of the budget in it, and that it was halted."""
        self.budget.taken += part.taken
        self.budget.halted = part.halted


def voice_and_effects(asked: Asked, budget: Budget, hooks: Hooks) -> tuple[Patch, FoundVoice]:
    """Return a patch with effects behind it, where these are needed, and its voice.

    The voice is searched in the beginning of the recording, where the least is heard of echoes;
    effects are added behind it while they are needed, and all descend together. Where none is, the
    voice is refined in what is left of the recording without what they add, and effects without
    which the rest comes as near are left out.

    Args:
        asked: what is searched for
        budget: how long
        hooks: progress and clock

    Raises:
        MatchError, PresetError: there is no such chain.

    Source:
        backfitting (Breiman and Friedman 1985), then all together; forward selection and backward
        elimination (Efroymson 1960)
    """
    search = Search(asked, budget, hooks)
    best = search.first_voice()
    if not budget.halted:
        best = search.needed(search.grown(best), NEEDED_UNTIL)
    best = search.needed(search.refined(best, REFINED_UNTIL), 1.0)
    return best.error.space.patch(best.cube), compared(best.error, best.cube)


def scaled(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Return the progress of a part of the search, from one share of it to another."""
    if progress is None:
        return None
    return lambda phase, loss, share: progress(phase, loss, first + (last - first) * share)


def beginning(stretch: Heard) -> Heard:
    """Return a stretch of a recording up to its second note."""
    begins = min(note.start_seconds for note in stretch.notes)
    later = [note.start_seconds for note in stretch.notes]
    ends = min((each for each in later if each > begins + BEGINNING_SECONDS), default=np.inf)
    if not np.isfinite(ends):
        return stretch
    samples = stretch.samples[: round(ends * stretch.sample_rate)]
    notes = tuple(note for note in stretch.notes if note.start_seconds < ends)
    return replace(stretch, samples=samples, notes=notes)


def without_effects(stretch: Heard, space: InstrumentSpace, cube: np.ndarray) -> Heard:
    """Return a stretch of a recording less what effects add to what a voice plays."""
    samples, rate = len(stretch.samples), stretch.sample_rate
    voice = cube[: len(space.alone.specs)]
    whole = space.play(np, cube, stretch.notes, rate, samples)
    played = space.alone.play(np, voice, stretch.notes, rate, samples)
    return replace(stretch, samples=stretch.samples - (whole - played))
