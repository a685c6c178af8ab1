"""The match: two recordings in, a chain of effects out."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fxchain.matching.command import name_of, repeat_command
from fxchain.matching.options import MatchOptions
from fxchain.matching.scoring.pair_scores import figures_and_baselines, twin_null_db
from fxchain.matching.scoring.report_tracks import scene_of
from fxchain.matching.search.checkpoint import Checkpoint
from fxchain.matching.search.result import FitResult
from fxchain.metrics.scores import MR_STFT_SETTINGS
from fxchain.optim.budget import Budget, Clock, Progress
from fxchain.preset import Preset
from fxchain.preset.knob_ranges import KEY
from fxchain.recordings.pair import AlignedPair, align_pair, read_pair, with_latency_shift
from fxchain.recordings.pair_check import checked_pair, drift_corrected
from fxchain.recordings.problem import Problem
from fxchain.render import render
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
from fxchain.session.versions import versions
from fxchain.structure.template import Template
from fxchain.structure.user_edits import for_pair

if TYPE_CHECKING:
    from fxchain.matching.scoring.knob_uncertainty import Uncertainty

#: Called with a sentence for the user.
Notice = Callable[[str], None]
Fitter = Callable[[Problem, Template, Budget, int], FitResult]


def match(
    dry: Any,
    wet: Any,
    sample_rate: float | None = None,
    *,
    chain: str | Path = "default",
    seconds: float = 60.0,
    iterations: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    only_pedalboard: bool = False,
    without: Sequence[str] = (),
    lock: Sequence[str] = (),
    start: str | Path | Preset | None = None,
    dry_channel: int | None = None,
    latency_samples: float | None = None,
    polarity: int | None = None,
    threads: int = 2,
    measured_response: bool = True,
    correct_drift: bool = False,
    anyway: bool = False,
    device: str = "cpu",
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
    clock: Clock = time.monotonic,
) -> Match:
    """Find the chain of effects that turns a dry recording into a wet one.

    Args:
        dry: a file, or an array (samples,) or (channels, samples), full scale 1
        wet: the same
        sample_rate: Hz, of the arrays; files know theirs
        chain: `default`, `squeezed`, `amp`, `eq`, `dynamics`, `drive`, `space`, or a file that
            describes a chain
        seconds: how long to search, from the files read to the last step, s
        iterations: how many steps to search instead; then equal inputs give equal results
        seed: another seed searches otherwise
        progress: called after each step with the phase, the best loss so far, and the share of
            the time that is used up, 0 to 1; before the first step the loss is NaN
        only_pedalboard: keep to stages that pedalboard has
        without: kinds of effects to leave out, e.g. `["reverb"]`
        lock: controls to fix, e.g. `["compressor.ratio=4"]`
        start: a preset, or its file: its chain is matched, starting from its values
        dry_channel: the channel of the dry to take, counted from 0
        latency_samples: how late the wet is, instead of searching for it; may be part of a sample
        polarity: +1, or -1 when the wet is upside down, instead of searching for it
        threads: how many threads torch may use; results repeat for an equal number
        measured_response: an impulse response solved from the pair may follow the chain, where
            that at least halves the error; False forbids it
        correct_drift: take the drift of its clock out of the wet before it is matched
        anyway: match recordings that seem to have nothing in common, instead of refusing them
        device: of torch, where slopes are computed: cpu, cuda, or cuda:N; audio is always played by
            the CPU
        notice: called with each sentence about the pair before the search begins
        checkpoint: a file in which the search leaves its state; where one of the same search
            stands there, it goes on from it and ends where it would have ended
        clock: tells the time, s

    Returns:
        the match; Ctrl-C during the search gives the best chain so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: the recordings cannot be matched, or an option makes no sense.
        PresetError: the chain or the start cannot be used.
        KeyboardInterrupt: stopped before anything was found.
    """
    options = MatchOptions(
        chain=chain,
        seconds=seconds,
        iterations=iterations,
        seed=seed,
        only_pedalboard=only_pedalboard,
        without=tuple(without),
        lock=tuple(lock),
        start=start,
        dry_channel=dry_channel,
        latency_samples=latency_samples,
        polarity=polarity,
        threads=threads,
        measured_response=measured_response,
        correct_drift=correct_drift,
        anyway=anyway,
        device=device,
    )
    return run(
        dry, wet, sample_rate, options, progress, clock, notice=notice, checkpoint=checkpoint
    )


def run(
    dry: Any,
    wet: Any,
    sample_rate: float | None,
    options: MatchOptions,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
    fitter: Fitter | None = None,
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
) -> Match:
    """Do what `match` says, with another fit where a test wants one."""
    options.check()
    template = options.template()
    search = fitter or load_fit(checkpoint)
    pair = read_pair(dry, wet, sample_rate, options.dry_channel)
    budget = options.budget(clock, progress)
    with torch_settings(options.threads):
        report = progress or (lambda phase, loss, share: None)
        report("aligning", math.nan, 0.0)
        ppm = 0.0
        if options.correct_drift:
            pair, ppm = drift_corrected(pair, options.latency_samples)
        prepared = align_pair(pair, options.latency_samples, options.polarity)
        prepared = checked_pair(prepared, ppm, options.anyway)
        tell(prepared.warnings, notice)
        fitting = for_pair(template, prepared.alignment.polarity, prepared.dry.shape[0])
        problem = replace(prepared.problem, torch_device=options.device)
        fitted = search(problem, fitting, budget, options.seed)
        if any(fitted.latency_shifts):
            prepared = with_latency_shift(pair, prepared, fitted.latency_shifts[0])
        with signals_ignored():
            report("scoring", fitted.loss, 1.0)
            files = (name_of(dry, "dry.wav"), name_of(wet, "wet.wav"))
            return _result(prepared, fitted, options, template, files)


def tell(sentences: Sequence[str], notice: Notice | None) -> None:
    """Say what is known about a pair before it is searched."""
    if notice is None:
        return
    for sentence in sentences:
        notice(sentence)


def _result(
    prepared: AlignedPair,
    fitted: FitResult,
    options: MatchOptions,
    template: Template,
    files: tuple[str, str],
) -> Match:
    """Score what was found by its exported board alone."""
    rate = prepared.problem.sample_rate
    bare = Preset(fitted.stage, fitted.values, rate)
    certainty = uncertainty(fitted, [prepared.problem])
    preset = described(bare, template, certainty)
    matched = render(preset, prepared.dry, rate)
    settings = {
        **options.settings(template),
        "sample_rate": rate,
        "channels": int(matched.shape[0]),
        "fitted_samples": list(prepared.fitted),
        "held_out_samples": None if prepared.held_out is None else list(prepared.held_out),
        "dropped": list(fitted.dropped),
        "mr_stft": MR_STFT_SETTINGS,
    }
    alignment = prepared.alignment
    figures, baselines = figures_and_baselines(prepared, matched)
    metrics = {
        **figures,
        "baselines": baselines,
        **certainty.metrics(),
        "latency_samples": alignment.latency_samples,
        "polarity": alignment.polarity,
        "alignment_confidence": alignment.confidence,
        "condition": dict(prepared.condition),
        "null_depth_db": twin_null_db(prepared, preset, matched),
        "without_twin": preset.without_twin(),
        "warnings": [*prepared.warnings, *fitted.notes, *preset.clamped(rate), *stopped(fitted)],
        "settings": settings,
        "seed": options.seed,
        "command": repeat_command(files, options),
        "versions": versions(),
    }
    return Match(
        preset=preset,
        metrics=metrics,
        history=fitted.history,
        settings=settings,
        matched=matched,
        sample_rate=rate,
        interrupted=fitted.interrupted,
        title=files[1],
        scenes=(scene_of(prepared, matched, files),),
    )


def described(bare: Preset, template: Template, certainty: "Uncertainty") -> Preset:
    """Return a preset with what is known about it."""
    metadata = {
        "chain": template.name,
        "without_twin": bare.without_twin(),
        KEY: certainty.ranges().metadata(),
    }
    return replace(bare, metadata=metadata)


def stopped(fitted: FitResult) -> list[str]:
    """Say when the search did not run to its end."""
    return ["stopped early: the best chain found until then"] if fitted.interrupted else []


def uncertainty(fitted: FitResult, problems: Sequence[Problem]) -> "Uncertainty":
    """Return how certain the knobs are; like the fit it is loaded only now."""
    from fxchain.matching.scoring.knob_uncertainty import measure_uncertainty

    return measure_uncertainty(fitted, problems)


def load_fit(checkpoint: str | Path | Checkpoint | None = None) -> Callable[..., FitResult]:
    """Return the fit, loaded only now: it is heavy."""
    from fxchain.matching.search.schedule import fit

    if checkpoint is None:
        return fit
    kept = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(Path(checkpoint))
    return partial(fit, checkpoint=kept)
