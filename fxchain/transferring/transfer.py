"""The transfer: from a recording and references to a chain of effects."""

import math
import time
from dataclasses import replace
from typing import Any, Unpack

from fxchain.optim.budget import Budget, Clock, Progress
from fxchain.preset import Preset
from fxchain.session.keywords import options_from_keywords
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
from fxchain.transferring.amount import scaled
from fxchain.transferring.options import TransferKeywords, TransferOptions
from fxchain.transferring.recordings import Recordings, read_recordings
from fxchain.transferring.result import Style, result, whole_of


def transfer(
    source: Any,
    *references: Any,
    sample_rate: float | None = None,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
    **options: Unpack[TransferKeywords],
) -> Match:
    """Process a recording so that it sounds like unpaired references.

    Args:
        source: a file, or an array (samples,) or (channels, samples), full scale 1
        references: the same, each; the mean of their descriptions is the target
        sample_rate: Hz, of the arrays; files know theirs
        progress: called after each step with the phase, the best loss so far, and the share of
            the budget that is used up, 0 to 1; before the first step the loss is NaN
        clock: returns the time, s
        options: `amount`, `match`, `preset`, `seconds` … are the attributes of `TransferOptions`

    Returns:
        the chain, the processed input, and its distances to the references; Ctrl-C during the
        search gives the best chain so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: a recording is silent or too short, or an option makes no sense.
        PresetError: the chain or the preset cannot be used.
        TypeError: an option is unknown.
    """
    chosen = options_from_keywords(TransferOptions, options, "transfer")
    chosen.check(len(references))
    if (preset := chosen.preset) is not None:
        loaded = preset if isinstance(preset, Preset) else Preset.load(preset)
        recordings = read_recordings(source, (), sample_rate)
        return _applied(recordings, loaded, chosen)
    recordings = read_recordings(source, references, sample_rate)
    return _searched(recordings, chosen, chosen.budget(clock, progress))


def _applied(recordings: Recordings, loaded: Preset, options: TransferOptions) -> Match:
    """Apply an earlier preset by the amount."""
    whole = replace(whole_of(loaded), sample_rate=recordings.source.sample_rate)
    with torch_settings(options.threads), signals_ignored():
        style = Style(whole, chain="preset")
        return result(recordings, style, scaled(whole, options.amount, options.match), options)


def _searched(recordings: Recordings, options: TransferOptions, budget: Budget) -> Match:
    """Search a chain and apply it by the amount."""
    from fxchain.transferring.fit import fit_style

    with torch_settings(options.threads):
        if budget.progress is not None:
            budget.progress("listening", math.nan, 0.0)
        fitted = fit_style(recordings, options, budget)
        with signals_ignored():
            budget.report("scoring", fitted.loss)
            rate = recordings.source.sample_rate
            whole = Preset(fitted.stage, fitted.values, rate)
            style = Style(whole, fitted.chain, fitted)
            part = scaled(whole, options.amount, options.match)
            return result(recordings, style, part, options, budget.history)
