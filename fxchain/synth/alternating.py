"""A voice and the effects behind it are found in turns, then together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fxchain.files.audio_input import Audio, to_channels
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget, Progress
from fxchain.optim.halting import halted_by_signals
from fxchain.synth.effects import matched_effects
from fxchain.synth.hooks import Hooks
from fxchain.synth.instrument.needed import (
    WORTH,
    audible_distance,
    descended,
    needed_effects,
)
from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.refining import FoundVoice, compared, refine
from fxchain.synth.search.schedule import search_voice

#: Share of the time at which the voice of the beginning is found; …
BEGINNING_UNTIL = 0.15
#: … shares at which in each turn the voice of the recording is found, the effects, and both
#: together; …
TURNS = ((0.2, 0.35, 0.42), (0.66, 0.76, 0.82))
#: … and at which effects that are not needed have been left out; for the rest what is left is
#: refined.
NEEDED_UNTIL = 0.93
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


@dataclass(frozen=True, eq=False)
class _Search:
    """What `voice_and_effects` is given."""

    audio: Audio
    notes: Sequence[Note]
    stretch: Heard
    options: SynthOptions
    budget: Budget
    hooks: Hooks

    def first_voice(self) -> _Found:
        """Return a voice that is found in the beginning of the recording, after steps with the
        whole of it."""
        found = self.voice(beginning(self.stretch), 0.0, BEGINNING_UNTIL)
        return self.descended(found, BEGINNING_UNTIL, TURNS[0][0])

    def descended(self, found: _Found, begun: float, until: float) -> _Found:
        """Return voice and effects after steps of both."""
        part = self.part(begun, until)
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
            found = search_voice(dry, part, self.options.seed)
        self._count(part)
        return _Found(AudioError(self.stretch, found.space), found.cube)

    def with_effects(self, voice: _Found, begun: float, effects: float, until: float) -> _Found:
        """Return a voice with effects matched behind it, after steps of both.

        Args:
            voice: plays the notes
            begun: share of the budget at which the match begins
            effects: share at which it ends
            until: share at which the steps end
        """
        rate, share = self.audio.sample_rate, effects - begun
        patch = voice.error.space.patch(voice.cube)
        played = render_patch(patch, self.notes, rate, self.audio.length)[0]
        mono = to_channels(self.audio, 1).samples[0]
        progress = scaled(self.hooks.progress, begun, effects)
        matched = matched_effects(
            played, mono, rate, self.options, share, progress, self.hooks.clock
        )
        self.budget.halted = matched.interrupted
        if self.options.iterations is not None:
            self.budget.taken += max(round(share * self.options.iterations), 1)
        space, cube = InstrumentSpace.of(voice.error.space, voice.cube, matched.preset)
        return self.descended(_Found(replace(voice.error, space=space), cube), effects, until)

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
            last = refine(found.error, found.cube, part, self.options.seed)
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


def voice_and_effects(
    audio: Audio,
    notes: Sequence[Note],
    stretch: Heard,
    options: SynthOptions,
    budget: Budget,
    hooks: Hooks,
) -> tuple[Patch, FoundVoice]:
    """Return a patch with effects behind it, where these are needed, and its voice.

    The voice is searched in the beginning of the recording, where the least is heard of echoes,
    then in what is left of the whole without what the effects add; each time the effects are
    matched anew, and both descend together. Effects without which the rest comes as near are left
    out.

    Args:
        audio: the recording
        notes: what is played in it
        stretch: of it that is fitted
        options: seed, effects, how long
        budget: what is left of that
        hooks: progress and clock

    Raises:
        MatchError, PresetError: there is no such chain.

    Source:
        backfitting (Breiman and Friedman 1985), then all together; backward elimination
    """
    search = _Search(audio, notes, stretch, options, budget, hooks)
    voices, instruments = [search.first_voice()], list[_Found]()
    dry, begun = stretch, 0.0
    for voice_until, effects_until, until in TURNS:
        if instruments:
            voices.append(search.voice(dry, begun, voice_until))
        begun = until
        if budget.halted:
            break
        instruments.append(search.with_effects(voices[-1], voice_until, effects_until, until))
        if budget.halted:
            break
        space = instruments[-1].error.space
        assert isinstance(space, InstrumentSpace)
        dry = without_effects(stretch, space, instruments[-1].cube)
    best = min(voices, key=lambda each: each.distance)
    if instruments:
        instrument = min(instruments, key=lambda each: each.distance)
        instrument = search.needed(instrument, begun, NEEDED_UNTIL)
        if instrument.distance < best.distance - WORTH:
            best = instrument
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
