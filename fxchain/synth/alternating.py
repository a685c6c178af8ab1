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
from fxchain.synth.effects_growth import grow_effects
from fxchain.synth.hooks import Hooks
from fxchain.synth.instrument.needed import WORTH, audible_distance, descended, needed_effects
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard, heard
from fxchain.synth.search.refining import FoundVoice, compared, refine
from fxchain.synth.search.schedule import CLEAR, search_voice
from fxchain.synth.search.waveform_start import EXPLAINED
from fxchain.synth.undone_drive import undone

#: Shares of the time at which the phases end: the voice of the beginning, its steps with the whole
#: recording, effects behind it; the voice without what effects add, both together, further
#: effects; effects that are not needed are left out. For the rest what is left is refined.
SEARCH_UNTIL, VOICE_UNTIL, GROWTH_UNTIL = 0.24, 0.28, 0.6
ANEW_UNTIL, AGAIN_UNTIL, FURTHER_UNTIL, NEEDED_UNTIL = 0.68, 0.72, 0.84, 0.93
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
class _Search:
    """What is asked for, how long it may take, and who is told."""

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

    def grown(self, found: _Found, begun: float, until: float) -> _Found:
        """Return a voice with further effects where it needs them."""
        if found.explained:
            return found
        part = self.part(begun, until)
        with halted_by_signals(part):
            error, cube = grow_effects(
                found.error, found.cube, self.asked.kinds, self.asked.audio.sample_rate, part
            )
        self._count(part)
        return _Found(error, cube)

    def voice_anew(self, found: _Found) -> _Found:
        """Return the effects of a found instrument behind a voice that is refined in the recording
        less what they add; where the voice leaves too much of that, it is searched anew."""
        space, cube = found.error.space, found.cube
        assert isinstance(space, InstrumentSpace)
        dry, effects = without_effects(self.asked.stretch, space, cube), space.effects(cube)
        begun = cube[: len(space.alone.specs)]
        error = AudioError(dry, space.alone)
        if error.esr(begun) <= CLEAR:
            part = self.part(GROWTH_UNTIL, ANEW_UNTIL)
            with halted_by_signals(part):
                voice = refine(error, begun, part, self.asked.options.seed)
            self._count(part)
            again = InstrumentSpace.of(voice.space, voice.cube, effects)
        else:
            anew = self.voice(dry, GROWTH_UNTIL, ANEW_UNTIL)
            again = InstrumentSpace.of(anew.error.space, anew.cube, effects)
        instrument = _Found(replace(found.error, space=again[0]), again[1])
        return self.descended(instrument, ANEW_UNTIL, AGAIN_UNTIL)

    def needed(self, found: _Found, begun: float, until: float) -> _Found:
        """Return a voice with no more effects than it needs."""
        part = self.part(begun, until)
        with halted_by_signals(part):
            error, cube = needed_effects(found.error, found.cube, part)
        self._count(part)
        return _Found(error, cube)

    def refined(self, found: _Found, begun: float) -> FoundVoice:
        """Return voice and effects after the last steps."""
        part = self.part(begun, 1.0)
        with halted_by_signals(part):
            last = refine(found.error, found.cube, part, self.asked.options.seed)
        self._count(part)
        error = replace(found.error, space=last.space)
        return (
            last
            if audible_distance(error, last.cube) < found.distance
            else compared(found.error, found.cube)
        )

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
    effects are added behind it while they are needed, and all descend together. The voice is
    searched anew in what is left of the recording without what they add, and effects without which
    the rest comes as near are left out.

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
    search = _Search(asked, budget, hooks)
    best = search.first_voice()
    if not budget.halted:
        instrument = search.grown(best, VOICE_UNTIL, GROWTH_UNTIL)
        if not (budget.halted or instrument.explained):
            again = search.grown(search.voice_anew(instrument), AGAIN_UNTIL, FURTHER_UNTIL)
            instrument = min(instrument, again, key=lambda each: each.distance)
        best = search.needed(instrument, FURTHER_UNTIL, NEEDED_UNTIL)
    found = search.refined(best, NEEDED_UNTIL)
    return found.space.patch(found.cube), found


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
