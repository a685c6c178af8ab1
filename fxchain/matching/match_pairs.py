"""The match of several recordings: one chain for all that went through one device."""

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.matching.checkpoint import Checkpoint
from fxchain.matching.command import name_of, repeating
from fxchain.matching.editing import settled
from fxchain.matching.joint_preparation import Together, align_takes, later_takes, read_takes
from fxchain.matching.joint_scoring import PairScores, mean_figures, score_pairs
from fxchain.matching.manifest import read_manifest
from fxchain.matching.match import Notice, described, load_fit, stopped, tell, uncertainty
from fxchain.matching.pair_files import matched_files
from fxchain.matching.preparation import Prepared
from fxchain.matching.problem import Fit, Template
from fxchain.matching.result import Match
from fxchain.matching.scenes import scene_of
from fxchain.matching.scoring import twin_null_db
from fxchain.matching.surroundings import torch_settings, undisturbed
from fxchain.matching.take import Take, named
from fxchain.matching.versions import versions
from fxchain.matching.wishes import Wishes
from fxchain.metrics import MR_STFT_SETTINGS
from fxchain.optim.base import Clock, Progress
from fxchain.preset import Preset
from fxchain.render import render

Pairs = str | Path | Sequence[Take | tuple[Any, Any]]


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
    wishes = Wishes(
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
        wishes,
        gain_per_pair,
        progress,
        clock,
        notice=notice,
        checkpoint=checkpoint,
    )


def run_pairs(
    pairs: Pairs,
    sample_rate: float | None,
    wishes: Wishes,
    gain_per_pair: bool = False,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
    fitter: Callable[..., Fit] | None = None,
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
) -> Match:
    """Do what `match_pairs` says, with another fit where a test wants one."""
    wishes.check()
    template = wishes.template()
    takes = [_as_wished(take, wishes, gain_per_pair) for take in named(_takes(pairs))]
    search = fitter or load_fit(checkpoint)
    read = read_takes(takes, sample_rate)
    budget = wishes.budget(clock, progress)
    with torch_settings(wishes.threads):
        report = progress or (lambda phase, loss, share: None)
        report("aligning", math.nan, 0.0)
        together = align_takes(takes, read, wishes.correct_drift, wishes.anyway)
        tell(together.warnings, notice)
        fitting = settled(template, together.polarity, together.pairs[0].dry.shape[0])
        problems = [replace(pair.problem, torch_device=wishes.device) for pair in together.pairs]
        fitted = search(problems, fitting, budget, wishes.seed)
        if any(fitted.late_samples):
            together = later_takes(together, fitted.late_samples)
        with undisturbed():
            report("scoring", fitted.loss, 1.0)
            sources = ["--pairs", name_of(pairs, "pairs.csv")]
            sources += ["--gain-per-pair"] * gain_per_pair
            return _result(together, fitted, wishes, template, gain_per_pair, sources)


def _takes(pairs: Pairs) -> tuple[Take, ...]:
    """Return what a manifest or a list names."""
    if isinstance(pairs, str | os.PathLike):
        return read_manifest(pairs)
    return tuple(pair if isinstance(pair, Take) else Take(*pair) for pair in pairs)


def _as_wished(take: Take, wishes: Wishes, gain_per_pair: bool) -> Take:
    """Return the take with what was said for all pairs, where it does not say so itself."""
    latency, polarity = take.latency_samples, take.polarity
    return replace(
        take,
        latency_samples=wishes.latency_samples if latency is None else latency,
        polarity=wishes.polarity if polarity is None else polarity,
        gain_free=take.gain_free or gain_per_pair,
    )


def _result(
    together: Together,
    fitted: Fit,
    wishes: Wishes,
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
    files = matched_files([take.id for take in together.takes])
    nulls = [twin_null_db(pair, preset, made) for pair, made in zip(pairs, matched, strict=True)]
    settings = {
        **wishes.settings(template),
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
            for take, pair, one, file in zip(together.takes, pairs, scores, files, strict=True)
        ],
        "without_twin": preset.without_twin(),
        "warnings": [
            *together.warnings,
            *_level_warnings(together, scores),
            *fitted.notes,
            *preset.held(rate),
            *stopped(fitted),
        ],
        "settings": settings,
        "seed": wishes.seed,
        "command": repeating(sources, wishes),
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
            for take, pair, one, made in zip(together.takes, pairs, scores, matched, strict=True)
        ),
    )


def _of_pair(take: Take, pair: Prepared, scores: PairScores, file: str) -> dict[str, Any]:
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


def _level_warnings(together: Together, scores: Sequence[PairScores]) -> list[str]:
    """Say which pairs were compared at a level of their own, and whose level the preset has."""
    free = [
        f"{take.id} {20.0 * math.log10(one.gain):+.2f} dB"
        for take, pair, one in zip(together.takes, together.pairs, scores, strict=True)
        if pair.problem.gain_free
    ]
    if not free:
        return []
    whose = "the pairs without a gain of their own"
    if together.anchor is not None:
        whose = f"pair {together.takes[together.anchor].id}"
    return [f"compared with a gain of their own: {', '.join(free)}; the level is that of {whose}"]
