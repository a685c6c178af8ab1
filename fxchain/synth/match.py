"""A recording and its notes in, a patch out."""

import importlib.metadata
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fxchain.files.audio_input import Audio, to_channels
from fxchain.notes.note import Note, note_name
from fxchain.notes.one_voice import FoundNotes
from fxchain.optim.budget import Budget, Progress
from fxchain.optim.halting import halted_by_signals
from fxchain.preset import Preset
from fxchain.session.process_state import torch_settings
from fxchain.synth.curves import voice_curves
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.effects import matched_effects, played_by, prepare
from fxchain.synth.hooks import Hooks
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.report import report_page
from fxchain.synth.result import SynthMatch
from fxchain.synth.script import write_script
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import FITTED_SECONDS, Heard, heard
from fxchain.synth.search.octaves import FittedOctave, nearest_octave
from fxchain.synth.search.refining import FoundVoice, refine
from fxchain.synth.search.schedule import load, search_voice

#: With effects, the voice is searched for the first share of the time, the effects until the
#: second; for the rest the voice is refined in front of them.
VOICE_UNTIL, EFFECTS_UNTIL = 0.5, 0.85
#: Effects are kept where the spectral distance is at most this share of that without them.
WORTH_EFFECTS = 0.9

#: Of the time or the steps, the share for the octave of found notes, where it is open.
OCTAVE_SHARE = 0.1
#: So many of the found notes are named.
SAID = 12


def match_patch(
    audio: Audio,
    notes: Sequence[Note] | FoundNotes,
    options: SynthOptions,
    hooks: Hooks | None = None,
) -> SynthMatch:
    """Find the patch that plays notes as a recording does.

    The first 3 s from the first note are fitted; what follows is not heard by the search, and
    scored apart. A stereo recording is mixed down.

    Args:
        audio: the recording
        notes: what is played in it; of found ones the octave is fitted first, where it is open
        options: budget, seed, effects
        hooks: progress, notices, clock

    Raises:
        MatchError: an option makes no sense, there are no notes, or no sound.
    """
    hooks = hooks or Hooks()
    options.check_limits()
    load()
    with torch_settings(options.threads):
        if options.chain is not None:
            prepare(options.chain)
        given = notes if isinstance(notes, FoundNotes) else FoundNotes(tuple(notes))
        budget, octave = _octave(audio, given, options, hooks)
        notes = octave.notes
        warnings = _warnings(audio, notes)
        if given.found:
            warnings.append(_said(audio, octave))
        for sentence in warnings if hooks.notice else ():
            hooks.notice(sentence)  # type: ignore[misc]
        stretch = heard(audio, notes)
        with halted_by_signals(budget):
            until = 1.0 if options.chain is None else VOICE_UNTIL
            found = search_voice(stretch, budget.portion(until), options.seed)
        patch = found.space.patch(found.cube)
        if options.chain is not None and not budget.halted:
            patch = _with_effects(audio, notes, stretch, found, options, (budget, hooks))
    return _result(audio, notes, patch, options, (budget, found, warnings))


def _octave(
    audio: Audio, found: FoundNotes, options: SynthOptions, hooks: Hooks
) -> tuple[Budget, FittedOctave]:
    """Return the notes in the octave that is fitted best, and the budget that is left."""
    if len(found.octaves) == 1:
        return options.budget(hooks.clock, hooks.progress), FittedOctave(found.notes, 0, ())
    seconds, steps = options.seconds, options.iterations
    first = replace(
        options,
        seconds=seconds and OCTAVE_SHARE * seconds,
        iterations=steps and max(round(OCTAVE_SHARE * steps), 1),
    )
    trial = first.budget(hooks.clock, _scaled(hooks.progress, 0.0, OCTAVE_SHARE))
    with halted_by_signals(trial):
        octave = nearest_octave(audio, found, trial, options.seed)
    rest = replace(
        options,
        seconds=seconds and max(seconds - trial.elapsed, 0.05 * seconds),
        iterations=steps and max(steps - trial.taken, 1),
    )
    budget = rest.budget(hooks.clock, _scaled(hooks.progress, OCTAVE_SHARE, 1.0))
    budget.halted = trial.halted
    return budget, octave


def _said(audio: Audio, octave: FittedOctave) -> str:
    """Return the sentence about notes that were found."""
    names = " ".join(note_name(note.pitch) for note in octave.notes[:SAID])
    more = " …" if len(octave.notes) > SAID else ""
    count = len(octave.notes)
    fitted = ""
    if octave.tried:
        fitted = f"; of {len(octave.tried)} octaves the one that is fitted best was taken"
    return (
        f"{audio.name}: {count} note{'s' if count > 1 else ''} found: {names}{more}{fitted}; "
        "--midi gives others"
    )


def _with_effects(
    audio: Audio,
    notes: Sequence[Note],
    stretch: Heard,
    found: FoundVoice,
    options: SynthOptions,
    running: tuple[Budget, Hooks],
) -> Patch:
    """Return the patch with effects behind it and the voice refined, where these are worth it."""
    budget, hooks = running
    alone, rate = found.space.patch(found.cube), audio.sample_rate
    mono = to_channels(audio, 1).samples[0]
    dry = render_patch(alone, notes, rate, audio.length)[0]
    share = EFFECTS_UNTIL - VOICE_UNTIL
    progress = _scaled(hooks.progress, VOICE_UNTIL, EFFECTS_UNTIL)
    matched = matched_effects(dry, mono, rate, options, share, progress, hooks.clock)
    preset, budget.halted = matched.preset, matched.interrupted
    if options.iterations is not None:
        budget.taken += max(round(share * options.iterations), 1)
    behind = played_by(preset, stretch.sample_rate)
    rest = Budget(
        None if budget.seconds is None else max(budget.seconds_left, 0.0),
        None if budget.steps is None else int(budget.steps_left()),
        hooks.clock,
        progress=_scaled(hooks.progress, EFFECTS_UNTIL, 1.0),
        halted=budget.halted,
    )
    with halted_by_signals(rest):
        error = AudioError(stretch, found.space, behind)
        better = refine(error, found.cube, rest, options.seed)
    budget.taken, budget.halted = budget.taken + rest.taken, rest.halted
    candidates = [alone, _behind(alone, preset), _behind(better.space.patch(better.cube), preset)]
    scores = [
        mel_spectral_distance(
            render_patch(each, notes, rate, audio.length).mean(axis=0), mono, rate
        )
        for each in candidates
    ]
    best = int(np.argmin(scores))
    return candidates[best] if scores[best] <= WORTH_EFFECTS * scores[0] else alone


def _scaled(progress: Progress | None, first: float, last: float) -> Progress | None:
    """Return the progress of a part of the search, from one share of it to another."""
    if progress is None:
        return None
    return lambda phase, loss, share: progress(phase, loss, first + (last - first) * share)


def _behind(patch: Patch, preset: Preset) -> Patch:
    """Return a patch with effects behind it."""
    return patch.model_copy(update={"effects": json.loads(preset.to_json())})


def _warnings(audio: Audio, notes: Sequence[Note]) -> list[str]:
    """Return sentences about recording and notes."""
    found = [f"{audio.name}: {note}" for note in audio.notes]
    late = sum(note.start_seconds >= audio.seconds for note in notes)
    if late and late < len(notes):
        found.append(
            f"{audio.name}: it ends before {late} of the {len(notes)} notes begin; is this the "
            "MIDI file of the recording?"
        )
    if audio.channels > 1:
        found.append(f"{audio.name}: it is stereo and was mixed down; a patch has one channel")
    return found


def _result(
    audio: Audio,
    notes: Sequence[Note],
    patch: Patch,
    options: SynthOptions,
    ended: tuple[Budget, FoundVoice, list[str]],
) -> SynthMatch:
    """Return the patch with its figures."""
    budget, found, warnings = ended
    rate = audio.sample_rate
    matched = render_patch(patch, notes, rate, audio.length)
    mono, played = to_channels(audio, 1).samples[0], matched.mean(axis=0)
    first = round(min(note.start_seconds for note in notes) * rate)
    end = first + round(FITTED_SECONDS * rate)
    other = replace(found.space, noise_seed=options.seed + 1)
    metrics: dict[str, Any] = {
        "fitted": {
            "seconds": [first / rate, min(end, audio.length) / rate],
            "mel_spectral_distance_db": mel_spectral_distance(
                played[first:end], mono[first:end], rate
            ),
            "esr_without_noise_of_the_voice": found.esr if patch.effects is None else None,
        },
        "not_fitted": None,
        "two_draws_of_the_noise_db": _noise_floor(patch, notes, rate, other.noise_seed, first, end),
        "notes": len(notes),
        "warnings": warnings,
        "settings": {
            **options.limit(),
            "seed": options.seed,
            "threads": options.threads,
            "chain": options.chain,
        },
        "steps": budget.taken,
        "interrupted": budget.halted,
        "version": importlib.metadata.version("fxchain"),
    }
    if audio.length - end > rate // 4:
        metrics["not_fitted"] = {
            "seconds": [end / rate, audio.seconds],
            "mel_spectral_distance_db": mel_spectral_distance(played[end:], mono[end:], rate),
        }
    curves = voice_curves(patch, notes, mono, played, rate)
    page = report_page(patch, notes, metrics, (audio, matched), curves)
    script = write_script(patch)
    return SynthMatch(patch, tuple(notes), metrics, matched, rate, script, page, budget.halted)


def _noise_floor(
    patch: Patch, notes: Sequence[Note], rate: int, seed: int, first: int, end: int
) -> float:
    """Return the distance of the patch to itself with another draw of its noise, dB."""
    inside = [note for note in notes if note.start_seconds * rate < end]
    one, two = (
        render_patch(each, inside, rate, end).mean(axis=0)[first:]
        for each in (patch, patch.model_copy(update={"noise_seed": seed}))
    )
    return mel_spectral_distance(one, two, rate)
