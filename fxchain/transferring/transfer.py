"""The transfer: a recording and references in, a chain of effects out."""

import math
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fxchain.optim.budget import Budget, Clock, Progress
from fxchain.preset import Preset
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
from fxchain.transferring.amount import scaled
from fxchain.transferring.dimensions import DIMENSIONS, checked_dimensions
from fxchain.transferring.options import TransferOptions
from fxchain.transferring.recordings import Recordings, read_recordings
from fxchain.transferring.result import Style, result, whole_of
from fxchain.transferring.style_chain import STYLE


def transfer(
    source: Any,
    *references: Any,
    sample_rate: float | None = None,
    preset: str | Path | Preset | None = None,
    amount: float = 100.0,
    match: Iterable[str] = DIMENSIONS,
    chain: str | Path = STYLE,
    seconds: float = 60.0,
    iterations: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    threads: int = 2,
    clock: Clock = time.monotonic,
) -> Match:
    """Make a recording sound like others that are no pair with it.

    Args:
        source: a file, or an array (samples,) or (channels, samples), full scale 1
        references: what it should sound like, the same each; what several have in common is
            taken over
        sample_rate: Hz, of the arrays; files know theirs
        preset: instead of references a preset of an earlier transfer, or its file; nothing is
            searched then
        amount: how much is taken over, %, 0 to 100
        match: what is taken over: any of tone, dynamics, level, width, space, drive
        chain: `style`, a chain that `fxchain.match` knows, or a file that describes one
        seconds: how long to search, s
        iterations: how many steps to search instead; then equal inputs give equal results
        seed: another seed searches otherwise
        progress: called after each step with the phase, the best loss so far, and the share of
            the time that is used up, 0 to 1; before the first step the loss is NaN
        threads: how many threads torch may use; results repeat for an equal number
        clock: tells the time, s

    Returns:
        the chain, the input through it, and how near the references it comes; Ctrl-C during the
        search gives the best chain so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: a recording is silent or too short, or an option makes no sense.
        PresetError: the chain or the preset cannot be used.
    """
    options = TransferOptions(
        amount=amount,
        dimensions=checked_dimensions(match),
        chain=chain,
        seconds=seconds,
        iterations=iterations,
        seed=seed,
        threads=threads,
        preset=preset,
    )
    options.check(len(references))
    if preset is not None:
        loaded = preset if isinstance(preset, Preset) else Preset.load(preset)
        recordings = read_recordings(source, (), sample_rate)
        return _taken_over(recordings, loaded, options)
    recordings = read_recordings(source, references, sample_rate)
    return _searched(recordings, options, options.budget(clock, progress))


def _taken_over(recordings: Recordings, loaded: Preset, options: TransferOptions) -> Match:
    """Apply an earlier preset, as much of it as is wanted."""
    whole = replace(whole_of(loaded), sample_rate=recordings.source.sample_rate)
    with torch_settings(options.threads), signals_ignored():
        style = Style(whole, chain="preset")
        return result(recordings, style, scaled(whole, options.amount, options.dimensions), options)


def _searched(recordings: Recordings, options: TransferOptions, budget: Budget) -> Match:
    """Search a chain and apply as much of it as is wanted."""
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
            some = scaled(whole, options.amount, options.dimensions)
            return result(recordings, style, some, options, budget.history)
