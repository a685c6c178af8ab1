"""A recording and its notes in, a patch out."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fxchain.files.audio_input import Audio, to_channels
from fxchain.notes.note import Note, note_name
from fxchain.notes.one_voice import FoundNotes
from fxchain.optim.budget import Budget
from fxchain.optim.halting import halted_by_signals
from fxchain.session.process_state import torch_settings
from fxchain.synth.alternating import Asked, scaled, voice_and_effects
from fxchain.synth.curves import voice_curves
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.effects import kinds_of
from fxchain.synth.hooks import Hooks
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.report import report_page
from fxchain.synth.result import SynthMatch
from fxchain.synth.script import write_script
from fxchain.synth.search.heard import FITTED_SECONDS, heard
from fxchain.synth.search.octaves import FittedOctave, nearest_octave
from fxchain.synth.search.refining import FoundVoice
from fxchain.synth.search.schedule import load, search_voice

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
        kinds = () if options.chain is None else kinds_of(options.chain)
        given = notes if isinstance(notes, FoundNotes) else FoundNotes(tuple(notes))
        budget, octave = _octave(audio, given, options, hooks)
        notes = octave.notes
        warnings = _warnings(audio, notes)
        if given.found:
            warnings.append(_said(audio, octave))
        for sentence in warnings if hooks.notice else ():
            hooks.notice(sentence)  # type: ignore[misc]
        stretch = heard(audio, notes)
        if options.chain is None:
            with halted_by_signals(budget):
                found = search_voice(stretch, budget, options.seed)
            patch = found.space.patch(found.cube)
        else:
            asked = Asked(audio, notes, stretch, options, kinds)
            patch, found = voice_and_effects(asked, budget, hooks)
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
    trial = first.budget(hooks.clock, scaled(hooks.progress, 0.0, OCTAVE_SHARE))
    with halted_by_signals(trial):
        octave = nearest_octave(audio, found, trial, options.seed)
    rest = replace(
        options,
        seconds=seconds and max(seconds - trial.elapsed, 0.05 * seconds),
        iterations=steps and max(steps - trial.taken, 1),
    )
    budget = rest.budget(hooks.clock, scaled(hooks.progress, OCTAVE_SHARE, 1.0))
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
