"""The match of several recordings: one chain for all that went through one device."""

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.matching.command import name_of, repeat_command
from fxchain.matching.match import Notice, described, load_fit, stopped, tell, uncertainty
from fxchain.matching.options import MatchOptions
from fxchain.matching.scoring.pair_scores import twin_null_db
from fxchain.matching.scoring.report_tracks import scene_of
from fxchain.matching.scoring.several_pair_scores import PairScores, mean_figures, score_pairs
from fxchain.matching.search.checkpoint import Checkpoint
from fxchain.matching.search.result import FitResult
from fxchain.metrics.scores import MR_STFT_SETTINGS
from fxchain.optim.budget import Clock, Progress
from fxchain.preset import Preset
from fxchain.recordings.file_names import matched_files
from fxchain.recordings.manifest import read_manifest
from fxchain.recordings.pair import AlignedPair
from fxchain.recordings.pair_source import PairSource, named
from fxchain.recordings.several_pairs import (
    AlignedPairs,
    align_pairs,
    read_pair_sources,
    with_latency_shifts,
)
from fxchain.render import render
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
from fxchain.session.versions import versions
from fxchain.structure.template import Template
from fxchain.structure.user_edits import for_pair

Pairs = str | Path | Sequence[PairSource | tuple[Any, Any]]


def match_pairs(
    pairs: Pairs,
    sample_rate: float | None = None,
    *,
    gain_per_pair: bool = False,
    chain: str | Path = "default",
    seconds: float = 60.0,
    iterations: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    only_pedalboard: bool = False,
    without: Sequence[str] = (),
    lock: Sequence[str] = (),
    start: str | Path | Preset | None = None,
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
    """Find one chain of effects for several recordings of one device.

    The mean of the pairs' errors is made small: each counts alike, however loud or long it is.

    Args:
        pairs: a manifest, see `read_manifest`, or a list of `Take` or (dry, wet)
        sample_rate: Hz, of those that are arrays; files know theirs
        gain_per_pair: every pair has one gain of its own in the comparison, for clips whose
            levels say nothing; the preset has the first pair's level
        chain: as for `match`, like all that follow
        seconds: how long to search, s
        iterations: how many steps to search instead
        seed: another seed searches otherwise
        progress: called after each step
        only_pedalboard: keep to stages that pedalboard has
        without: kinds of effects to leave out
        lock: controls to fix
        start: a preset, or its file, to go on from
        latency_samples: how late the wet is in every pair that does not say so itself
        polarity: +1 or -1, of every pair that does not say so itself
        threads: how many threads torch may use
        measured_response: False forbids an impulse response solved from the pairs
        correct_drift: take the drift of its clock out of each wet
        anyway: match pairs that seem to have nothing in common, instead of refusing them
        device: of torch, where slopes are computed: cpu, cuda, or cuda:N; audio is always played by
            the CPU
        notice: called with each sentence about the pairs before the search begins
        checkpoint: a file in which the search leaves its state; where one of the same search
            stands there, it goes on from it and ends where it would have ended
        clock: tells the time, s

    Returns:
        the match: `metrics["pairs"]` has the figures of each pair, `matched_files` its audio;
        Ctrl-C during the search gives the best chain so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: the manifest cannot be used, the recordings cannot be matched, or an option
            makes no sense.
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
        latency_samples=latency_samples,
        polarity=polarity,
        threads=threads,
        measured_response=measured_response,
        correct_drift=correct_drift,
        anyway=anyway,
        device=device,
    )
    return run_pairs(
        pairs,
        sample_rate,
        options,
        gain_per_pair,
        progress,
        clock,
        notice=notice,
        checkpoint=checkpoint,
    )


def run_pairs(
    pairs: Pairs,
    sample_rate: float | None,
    options: MatchOptions,
    gain_per_pair: bool = False,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
    fitter: Callable[..., FitResult] | None = None,
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
) -> Match:
    """Do what `match_pairs` says, with another fit where a test wants one."""
    options.check()
    template = options.template()
    sources = [_as_wished(take, options, gain_per_pair) for take in named(_takes(pairs))]
    search = fitter or load_fit(checkpoint)
    read = read_pair_sources(sources, sample_rate)
    budget = options.budget(clock, progress)
    with torch_settings(options.threads):
        report = progress or (lambda phase, loss, share: None)
        report("aligning", math.nan, 0.0)
        together = align_pairs(sources, read, options.correct_drift, options.anyway)
        tell(together.warnings, notice)
        fitting = for_pair(template, together.polarity, together.pairs[0].dry.shape[0])
        problems = [replace(pair.problem, torch_device=options.device) for pair in together.pairs]
        fitted = search(problems, fitting, budget, options.seed)
        if any(fitted.latency_shifts):
            together = with_latency_shifts(together, fitted.latency_shifts)
        with signals_ignored():
            report("scoring", fitted.loss, 1.0)
            named_pairs = ["--pairs", name_of(pairs, "pairs.csv")]
            named_pairs += ["--gain-per-pair"] * gain_per_pair
            return _result(together, fitted, options, template, gain_per_pair, named_pairs)


def _takes(pairs: Pairs) -> tuple[PairSource, ...]:
    """Return what a manifest or a list names."""
    if isinstance(pairs, str | os.PathLike):
        return read_manifest(pairs)
    return tuple(pair if isinstance(pair, PairSource) else PairSource(*pair) for pair in pairs)


def _as_wished(take: PairSource, options: MatchOptions, gain_per_pair: bool) -> PairSource:
    """Return the take with what was said for all pairs, where it does not say so itself."""
    latency, polarity = take.latency_samples, take.polarity
    return replace(
        take,
        latency_samples=options.latency_samples if latency is None else latency,
        polarity=options.polarity if polarity is None else polarity,
        gain_free=take.gain_free or gain_per_pair,
    )


def _result(
    together: AlignedPairs,
    fitted: FitResult,
    options: MatchOptions,
    template: Template,
    gain_per_pair: bool,
    sources: Sequence[str],
) -> Match:
    """Score what was found by its exported board alone, on every pair."""
    pairs = together.pairs
    rate = pairs[0].problem.sample_rate
    bare = Preset(fitted.stage, fitted.values, rate)
    certainty = uncertainty(fitted, [pair.problem for pair in pairs])
    preset = described(bare, template, certainty)
    matched = [render(preset, pair.dry, rate) for pair in pairs]
    scores = score_pairs(pairs, matched)
    files = matched_files([take.id for take in together.sources])
    nulls = [twin_null_db(pair, preset, made) for pair, made in zip(pairs, matched, strict=True)]
    settings = {
        **options.settings(template),
        "gain_per_pair": gain_per_pair,
        "sample_rate": rate,
        "channels": int(matched[0].shape[0]),
        "dropped": list(fitted.dropped),
        "mr_stft": MR_STFT_SETTINGS,
    }
    metrics = {
        **mean_figures([one.figures for one in scores]),
        "baselines": {
            name: mean_figures([one.baselines[name] for one in scores])
            for name in scores[0].baselines
        },
        **certainty.metrics(),
        "polarity": together.polarity,
        "null_depth_db": max(nulls),
        "pairs": [
            _of_pair(take, pair, one, file)
            for take, pair, one, file in zip(together.sources, pairs, scores, files, strict=True)
        ],
        "without_twin": preset.without_twin(),
        "warnings": [
            *together.warnings,
            *_level_warnings(together, scores),
            *fitted.notes,
            *preset.clamped(rate),
            *stopped(fitted),
        ],
        "settings": settings,
        "seed": options.seed,
        "command": repeat_command(sources, options),
        "versions": versions(),
    }
    return Match(
        preset=preset,
        metrics=metrics,
        history=fitted.history,
        settings=settings,
        matched=matched[0],
        sample_rate=rate,
        interrupted=fitted.interrupted,
        matched_files=dict(zip(files, matched, strict=True)),
        title=f"{len(pairs)} recordings of one device",
        scenes=tuple(
            scene_of(pair, made * np.float32(one.gain), name=take.id)
            for take, pair, one, made in zip(together.sources, pairs, scores, matched, strict=True)
        ),
    )


def _of_pair(take: PairSource, pair: AlignedPair, scores: PairScores, file: str) -> dict[str, Any]:
    """Return what is reported about one pair."""
    alignment = pair.alignment
    return {
        "id": take.id,
        "file": file,
        **scores.figures,
        "baselines": scores.baselines,
        "latency_samples": alignment.latency_samples,
        "polarity": alignment.polarity,
        "alignment_confidence": alignment.confidence,
        "condition": dict(pair.condition),
        "gain_db": 20.0 * math.log10(scores.gain),
        "fitted_samples": list(pair.fitted),
        "held_out_samples": None if pair.held_out is None else list(pair.held_out),
    }


def _level_warnings(together: AlignedPairs, scores: Sequence[PairScores]) -> list[str]:
    """Say which pairs were compared at a level of their own, and whose level the preset has."""
    free = [
        f"{take.id} {20.0 * math.log10(one.gain):+.2f} dB"
        for take, pair, one in zip(together.sources, together.pairs, scores, strict=True)
        if pair.problem.gain_free
    ]
    if not free:
        return []
    whose = "the pairs without a gain of their own"
    if together.anchor is not None:
        whose = f"pair {together.sources[together.anchor].id}"
    return [f"compared with a gain of their own: {', '.join(free)}; the level is that of {whose}"]
