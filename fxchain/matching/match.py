"""The match: two recordings in, a chain of effects out."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fxchain.matching.checkpoint import Checkpoint
from fxchain.matching.command import name_of, repeating
from fxchain.matching.condition import corrected, examined
from fxchain.matching.editing import settled
from fxchain.matching.preparation import Prepared, align_pair, later, read_pair
from fxchain.matching.problem import Fit, Problem, Template
from fxchain.matching.result import Match
from fxchain.matching.scenes import scene_of
from fxchain.matching.scoring import figures_and_baselines, twin_null_db
from fxchain.matching.surroundings import torch_settings, undisturbed
from fxchain.matching.versions import versions
from fxchain.matching.wishes import Wishes
from fxchain.metrics import MR_STFT_SETTINGS
from fxchain.optim.base import Budget, Clock, Progress
from fxchain.preset import Preset
from fxchain.preset.knob_ranges import KEY
from fxchain.render import render

if TYPE_CHECKING:
    from fxchain.matching.uncertainty import Uncertainty

#: Called with a sentence for the user.
Notice = Callable[[str], None]
Fitter = Callable[[Problem, Template, Budget, int], Fit]


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
    wishes = Wishes(
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
    return run(dry, wet, sample_rate, wishes, progress, clock, notice=notice, checkpoint=checkpoint)


def run(
    dry: Any,
    wet: Any,
    sample_rate: float | None,
    wishes: Wishes,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
    fitter: Fitter | None = None,
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
) -> Match:
    """Do what `match` says, with another fit where a test wants one."""
    wishes.check()
    template = wishes.template()
    search = fitter or load_fit(checkpoint)
    pair = read_pair(dry, wet, sample_rate, wishes.dry_channel)
    budget = wishes.budget(clock, progress)
    with torch_settings(wishes.threads):
        report = progress or (lambda phase, loss, share: None)
        report("aligning", math.nan, 0.0)
        ppm = 0.0
        if wishes.correct_drift:
            pair, ppm = corrected(pair, wishes.latency_samples)
        prepared = align_pair(pair, wishes.latency_samples, wishes.polarity)
        prepared = examined(prepared, ppm, wishes.anyway)
        tell(prepared.warnings, notice)
        fitting = settled(template, prepared.alignment.polarity, prepared.dry.shape[0])
        problem = replace(prepared.problem, torch_device=wishes.device)
        fitted = search(problem, fitting, budget, wishes.seed)
        if any(fitted.late_samples):
            prepared = later(pair, prepared, fitted.late_samples[0])
        with undisturbed():
            report("scoring", fitted.loss, 1.0)
            files = (name_of(dry, "dry.wav"), name_of(wet, "wet.wav"))
            return _result(prepared, fitted, wishes, template, files)


def tell(sentences: Sequence[str], notice: Notice | None) -> None:
    """Say what is known about a pair before it is searched."""
    if notice is None:
        return
    for sentence in sentences:
        notice(sentence)


def _result(
    prepared: Prepared,
    fitted: Fit,
    wishes: Wishes,
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
        **wishes.settings(template),
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
        "warnings": [*prepared.warnings, *fitted.notes, *preset.held(rate), *stopped(fitted)],
        "settings": settings,
        "seed": wishes.seed,
        "command": repeating(files, wishes),
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


def stopped(fitted: Fit) -> list[str]:
    """Say when the search did not run to its end."""
    return ["stopped early: the best chain found until then"] if fitted.interrupted else []


def uncertainty(fitted: Fit, problems: Sequence[Problem]) -> "Uncertainty":
    """Return how certain the knobs are; like the fit it is loaded only now."""
    from fxchain.matching.uncertainty import measure_uncertainty

    return measure_uncertainty(fitted, problems)


def load_fit(checkpoint: str | Path | Checkpoint | None = None) -> Callable[..., Fit]:
    """Return the fit, loaded only now: it is heavy."""
    from fxchain.matching.fit import fit

    if checkpoint is None:
        return fit
    kept = checkpoint if isinstance(checkpoint, Checkpoint) else Checkpoint(Path(checkpoint))
    return partial(fit, checkpoint=kept)
