"""A voice and the effects behind it are found in turns."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
from fxchain.synth.search.refining import FoundVoice, refine
from fxchain.synth.search.schedule import search_voice

#: Shares of the time at which the voice and the effects of each turn end; for the rest the voice is
#: refined in front of the effects.
TURNS = ((0.35, 0.55), (0.75, 0.9))
#: Effects are kept where the spectral distance is at most this share of that without them, and
#: nearer by what can be heard, dB.
WORTH_EFFECTS, AUDIBLE_DB = 0.9, 0.05


@dataclass(frozen=True, eq=False)
class _Turn:
    """A voice, the effects behind it, and how far both are from the recording."""

    voice: FoundVoice
    preset: Preset
    distance: float


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
    mono, rate = to_channels(audio, 1).samples[0], audio.sample_rate

    def distance(patch: Patch) -> float:
        played = render_patch(patch, notes, rate, audio.length).mean(axis=0)
        return mel_spectral_distance(played, mono, rate)

    dry, begun = stretch, 0.0
    alone: list[tuple[float, FoundVoice]] = []
    turns: list[_Turn] = []
    for voice_until, effects_until in TURNS:
        part = _part(budget, hooks, begun, voice_until)
        with halted_by_signals(part):
            found = search_voice(dry, part, options.seed)
        budget.taken, budget.halted = budget.taken + part.taken, part.halted
        patch = found.space.patch(found.cube)
        alone.append((distance(patch), found))
        if budget.halted:
            break
        share, begun = effects_until - voice_until, effects_until
        progress = scaled(hooks.progress, voice_until, effects_until)
        played = render_patch(patch, notes, rate, audio.length)[0]
        matched = matched_effects(played, mono, rate, options, share, progress, hooks.clock)
        budget.halted = matched.interrupted
        if options.iterations is not None:
            budget.taken += max(round(share * options.iterations), 1)
        preset = matched.preset
        turns.append(_Turn(found, preset, distance(_behind(patch, preset))))
        dry = without_effects(stretch, found, preset)
        if budget.halted:
            break
    if turns:
        best = min(turns, key=lambda each: each.distance)
        part = _part(budget, hooks, begun, 1.0)
        with halted_by_signals(part):
            voice_in_front = _refined(best, stretch, part, options.seed)
        budget.taken, budget.halted = budget.taken + part.taken, part.halted
        there = voice_in_front.space.patch(voice_in_front.cube)
        again = _Turn(voice_in_front, best.preset, distance(_behind(there, best.preset)))
        best = min(best, again, key=lambda each: each.distance)
        alone.append((distance(there), voice_in_front))
        without = min(each[0] for each in alone)
        if best.distance <= min(WORTH_EFFECTS * without, without - AUDIBLE_DB):
            return _behind(best.voice.space.patch(best.voice.cube), best.preset), best.voice
    voice = min(alone, key=lambda each: each[0])[1]
    return voice.space.patch(voice.cube), voice


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


def _refined(turn: _Turn, stretch: Heard, budget: Budget, seed: int) -> FoundVoice:
    """Return the voice of a turn after steps in front of its effects."""
    behind = played_by(turn.preset, stretch.sample_rate)
    error = AudioError(stretch, turn.voice.space, behind)
    return refine(error, turn.voice.cube, budget, seed)


def _behind(patch: Patch, preset: Preset) -> Patch:
    """Return a patch with effects behind it."""
    return patch.model_copy(update={"effects": json.loads(preset.to_json())})
