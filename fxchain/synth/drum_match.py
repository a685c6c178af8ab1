"""A recording of one hit in, the patch of a drum out."""

import importlib.metadata
from typing import Any

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, to_channels
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.optim.halting import halted_by_signals
from fxchain.session.process_state import torch_settings
from fxchain.synth.curves import drum_curves
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.drum.hit import heard_hit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum
from fxchain.synth.drum.search import search_drum
from fxchain.synth.drum_script import write_drum_script
from fxchain.synth.hooks import Hooks
from fxchain.synth.options import SynthOptions
from fxchain.synth.report import report_page
from fxchain.synth.result import SynthMatch
from fxchain.synth.search.refining import FoundVoice
from fxchain.synth.search.schedule import load

#: The note that a hit is written as: the bass drum of General MIDI.
HIT_PITCH = 36.0


def match_drum(audio: Audio, options: SynthOptions, hooks: Hooks | None = None) -> SynthMatch:
    """Find the drum that sounds as a recording of one hit.

    Args:
        audio: one hit; at most its first second is fitted, stereo is mixed down
        options: budget, seed; without effects
        hooks: progress, notices, clock

    Raises:
        MatchError: an option makes no sense, or there is no sound.
    """
    hooks = hooks or Hooks()
    options.check_limits()
    if options.chain is not None:
        raise MatchError("--chain: a drum has no effects behind it; leave --chain or --drum away")
    stretch, start = heard_hit(audio)
    warnings = [f"{audio.name}: {note}" for note in audio.notes]
    if audio.channels > 1:
        warnings.append(f"{audio.name}: it is stereo and was mixed down; a patch has one channel")
    for sentence in warnings if hooks.notice else ():
        hooks.notice(sentence)  # type: ignore[misc]
    load()
    with torch_settings(options.threads):
        budget = options.budget(hooks.clock, hooks.progress)
        with halted_by_signals(budget):
            found = search_drum(stretch, budget, options.seed)
    note = Note(start, len(stretch.samples) / stretch.sample_rate, HIT_PITCH, 1.0)
    return _result(audio, note, options, (budget, found, warnings))


def _result(
    audio: Audio,
    note: Note,
    options: SynthOptions,
    ended: tuple[Budget, FoundVoice, list[str]],
) -> SynthMatch:
    """Return the patch with its figures."""
    budget, found, warnings = ended
    patch: DrumPatch = found.space.patch(found.cube)
    rate = audio.sample_rate
    matched = render_drum(patch, (note,), rate, audio.length)
    mono, played = to_channels(audio, 1).samples[0], matched[0]
    other = patch.model_copy(update={"noise_seed": options.seed + 1})
    again = render_drum(other, (note,), rate, audio.length)[0]
    first = round(note.start_seconds * rate)
    end = min(first + round(note.duration_seconds * rate), audio.length)

    def distance(one: np.ndarray, two: np.ndarray) -> float:
        return mel_spectral_distance(one[first:end], two[first:end], rate)

    metrics: dict[str, Any] = {
        "fitted": {
            "seconds": [first / rate, end / rate],
            "mel_spectral_distance_db": distance(played, mono),
            "esr_without_noise_of_the_voice": found.esr,
        },
        "not_fitted": None,
        "two_draws_of_the_noise_db": distance(again, played),
        "notes": 1,
        "warnings": warnings,
        "settings": {**options.limit(), "seed": options.seed, "threads": options.threads},
        "steps": budget.taken,
        "interrupted": budget.halted,
        "version": importlib.metadata.version("fxchain"),
    }
    page = report_page(patch, (note,), metrics, (audio, matched), drum_curves(patch))
    script = write_drum_script(patch)
    return SynthMatch(patch, (note,), metrics, matched, rate, script, page, budget.halted)
