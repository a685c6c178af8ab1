"""A voice and the effects behind it are found in turns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fxchain.files.audio_input import Audio, to_channels
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget, Progress
from fxchain.optim.halting import halted_by_signals
from fxchain.preset import Preset
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.effects import matched_effects, played_by
from fxchain.synth.hooks import Hooks
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.refining import FoundVoice, compared, refine
from fxchain.synth.search.schedule import search_voice

#: Shares of the time at which the voice and the effects of each turn end; for the rest the voice is
#: refined in front of the effects.
TURNS = ((0.35, 0.55), (0.75, 0.9))
#: Effects are kept where the spectral distance is at most this share of that without them, and
#: nearer by what can be heard, dB.
WORTH_EFFECTS, AUDIBLE_DB = 0.9, 0.05


@dataclass(frozen=True, eq=False)
class _Turn:
    """A voice, and how far it is from the recording, dB: alone, and with effects behind it."""

    voice: FoundVoice
    alone: float
    preset: Preset | None = None
    behind: float = np.inf

    @property
    def patch(self) -> Patch:
        """Return the voice alone."""
        return self.voice.space.patch(self.voice.cube)


@dataclass(frozen=True, eq=False)
class _Search:
    """What `voice_and_effects` is given."""

    audio: Audio
    notes: Sequence[Note]
    stretch: Heard
    options: SynthOptions
    budget: Budget
    hooks: Hooks

    @cached_property
    def mono(self) -> np.ndarray:
        """Return the recording, (samples,)."""
        return to_channels(self.audio, 1).samples[0]

    def distance(self, patch: Patch) -> float:
        """Return the mel-spectral distance of a patch to the recording, dB."""
        rate = self.audio.sample_rate
        played = render_patch(patch, self.notes, rate, self.audio.length).mean(axis=0)
        return mel_spectral_distance(played, self.mono, rate)

    def turn(self, dry: Heard, begun: float, voice_until: float, effects_until: float) -> _Turn:
        """Return the voice in a recording without effects, with effects matched behind it.

        Args:
            dry: what the voice is searched in
            begun: share of the budget at which the turn begins
            voice_until: share at which the search for the voice ends
            effects_until: share at which the match of the effects ends
        """
        part = _part(self.budget, self.hooks, begun, voice_until)
        with halted_by_signals(part):
            found = search_voice(dry, part, self.options.seed)
        _count(self.budget, part)
        found = compared(AudioError(self.stretch, found.space), found.cube)
        patch = found.space.patch(found.cube)
        alone = self.distance(patch)
        if self.budget.halted:
            return _Turn(found, alone)
        rate, share = self.audio.sample_rate, effects_until - voice_until
        played = render_patch(patch, self.notes, rate, self.audio.length)[0]
        progress = scaled(self.hooks.progress, voice_until, effects_until)
        matched = matched_effects(
            played, self.mono, rate, self.options, share, progress, self.hooks.clock
        )
        self.budget.halted = matched.interrupted
        if self.options.iterations is not None:
            self.budget.taken += max(round(share * self.options.iterations), 1)
        behind = self.distance(_behind(patch, matched.preset))
        return _Turn(found, alone, matched.preset, behind)

    def refined(self, turn: _Turn, preset: Preset, begun: float) -> _Turn:
        """Return a turn whose voice is refined in front of its effects."""
        part = _part(self.budget, self.hooks, begun, 1.0)
        behind = played_by(preset, self.stretch.sample_rate)
        error = AudioError(self.stretch, turn.voice.space, behind)
        with halted_by_signals(part):
            found = refine(error, turn.voice.cube, part, self.options.seed)
        _count(self.budget, part)
        patch = found.space.patch(found.cube)
        distances = self.distance(patch), self.distance(_behind(patch, preset))
        return _Turn(found, distances[0], preset, distances[1])


def voice_and_effects(
    audio: Audio,
    notes: Sequence[Note],
    stretch: Heard,
    options: SynthOptions,
    budget: Budget,
    hooks: Hooks,
) -> tuple[Patch, FoundVoice]:
    """Return a patch with effects behind it, where these are worth it, and its voice.

    The voice is searched in the recording, then in what is left of it without what the effects
    add; each time the effects are matched anew.

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
        backfitting (Breiman and Friedman 1985)
    """
    search = _Search(audio, notes, stretch, options, budget, hooks)
    dry, begun, turns = stretch, 0.0, list[_Turn]()
    for voice_until, effects_until in TURNS:
        turn = search.turn(dry, begun, voice_until, effects_until)
        turns.append(turn)
        begun = effects_until
        if turn.preset is None or budget.halted:
            break
        dry = without_effects(stretch, turn.voice, turn.preset)
    best = min(turns, key=lambda each: each.behind)
    if best.preset is not None:
        turns.append(search.refined(best, best.preset, begun))
        best = min(turns, key=lambda each: each.behind)
    alone = min(turns, key=lambda each: each.alone)
    if best.preset and best.behind <= min(WORTH_EFFECTS * alone.alone, alone.alone - AUDIBLE_DB):
        return _behind(best.patch, best.preset), best.voice
    return alone.patch, alone.voice


def scaled(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Return the progress of a part of the search, from one share of it to another."""
    if progress is None:
        return None
    return lambda phase, loss, share: progress(phase, loss, first + (last - first) * share)


def _part(budget: Budget, hooks: Hooks, begun: float, until: float) -> Budget:
    """Return a budget of its own of what is left of another one up to a share of it."""
    seconds = budget.seconds
    return Budget(
        None if seconds is None else max(until * seconds - budget.elapsed, 0.0),
        None if budget.steps is None else int(budget.steps_left(until)),
        hooks.clock,
        progress=scaled(hooks.progress, begun, until),
        halted=budget.halted,
    )


def without_effects(stretch: Heard, voice: FoundVoice, preset: Preset) -> Heard:
    """Return a stretch of a recording less what effects add to what a voice plays."""
    samples, rate = len(stretch.samples), stretch.sample_rate
    played = voice.space.play(np, voice.cube, stretch.notes, rate, samples)
    added = played_by(preset, rate)(played) - played
    return replace(stretch, samples=stretch.samples - added)


def _count(budget: Budget, part: Budget) -> None:
    """Count the steps of a part of a budget in it, and that it was halted."""
    budget.taken, budget.halted = budget.taken + part.taken, part.halted


def _behind(patch: Patch, preset: Preset) -> Patch:
    """Return a patch with effects behind it."""
    return patch.model_copy(update={"effects": json.loads(preset.to_json())})
