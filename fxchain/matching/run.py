"""The way from recordings to a scored chain, the same for one pair and for several.

read → align → check → fit → score
"""

import importlib
import math
from collections.abc import Sequence
from dataclasses import replace

from fxchain.errors import MatchError
from fxchain.matching.channel_searches import channel_templates, search_channels
from fxchain.matching.hooks import Hooks
from fxchain.matching.measured import MeasuredFolder
from fxchain.matching.result import MatchTask, match_result
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.recordings.pair import Pair
from fxchain.recordings.problem import Problem
from fxchain.recordings.several_pairs import (
    AlignedPairs,
    align_pairs,
    read_pair_sources,
    with_latency_shifts,
)
from fxchain.recurrent.gru import gru
from fxchain.recurrent.training import compile_training
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
from fxchain.stage.compilation import compile_stages
from fxchain.structure.full_scale import with_full_scale
from fxchain.structure.plugins import plugin_notes, probed_at
from fxchain.structure.template import Template
from fxchain.structure.user_edits import for_pair


def run(task: MatchTask, hooks: Hooks) -> Match:
    """Find one chain for all pairs of a task.

    Raises:
        AudioError, MatchError, PresetError, KeyboardInterrupt: see `match`.
    """
    options = task.options
    options.check()
    template = options.template()
    read = read_pair_sources(task.sources, task.sample_rate)
    template = probed_at(template, read[0].dry.sample_rate)
    hooks.tell(plugin_notes(template.stage))
    with torch_settings(options.threads):
        compile_search(hooks)
        budget = options.budget(hooks.clock, hooks.progress)
        measured = measured_folder(task, read)
        aligned = aligned_pairs(task, read, hooks, measured)
        if aligned.pairs[0].read.separate_devices:
            if measured is not None:
                raise MatchError(
                    f"{measured.folder}: a measurement is of one device, and the channels of the "
                    "wet went through two; choose one with --wet-channel"
                )
            fitted = _fit_channels(task, template, aligned, budget, hooks)
        else:
            problems = [
                replace(pair.problem, torch_device=options.device) for pair in aligned.pairs
            ]
            device = None if measured is None else measured.device(aligned)
            fitted = _fit(problems, template_for(template, aligned), budget, task, hooks, device)
        return _scored(task, template, aligned, fitted, hooks)


def compile_search(hooks: Hooks) -> None:
    """Load and compile what the search runs; it takes seconds, which are not the search's."""
    hooks.report("compiling", math.nan, 0.0)
    importlib.import_module("fxchain.matching.search.schedule")
    compile_stages()
    compile_training(gru(1))


def score_again(task: MatchTask, template: Template, fitted: FitResult, hooks: Hooks) -> Match:
    """Score a chain that was found before on the pairs of a task.

    Args:
        task: what was matched
        template: the chain that was asked for
        fitted: what is scored
        hooks: progress and notices

    Raises:
        AudioError, MatchError: see `match`.
    """
    task.options.check()
    read = read_pair_sources(task.sources, task.sample_rate)
    with torch_settings(task.options.threads):
        aligned = aligned_pairs(task, read, hooks, measured_folder(task, read))
        return _scored(task, template, aligned, fitted, hooks)


def measured_folder(task: MatchTask, read: Sequence[Pair]) -> MeasuredFolder | None:
    """Return the measurement that was given beside the recordings.

    Raises:
        MatchError: the folder holds none, or one of another sample rate.
    """
    if task.options.measured is None:
        return None
    found = MeasuredFolder.read(task.options.measured)
    found.require_rate(read[0].dry.sample_rate)
    return found


def aligned_pairs(
    task: MatchTask, read: Sequence[Pair], hooks: Hooks, measured: MeasuredFolder | None = None
) -> AlignedPairs:
    """Return the pairs of a task aligned; what is odd about them is told."""
    options = task.options
    hooks.report("aligning", math.nan, 0.0)
    aligned = align_pairs(
        task.sources, read, options.correct_drift, options.anyway, options.correct_flutter
    )
    if measured is not None:
        aligned = measured.aligned(aligned)
    hooks.tell(aligned.warnings)
    return aligned


def template_for(template: Template, aligned: AlignedPairs) -> Template:
    """Return a chain with what the recordings settle."""
    channels = aligned.pairs[0].dry.shape[0]
    return _settled(template, aligned, channels)


def _settled(template: Template, aligned: AlignedPairs, channels: int) -> Template:
    settled = for_pair(template, aligned.polarity, channels)
    cut_off = any(pair.read.cut_off for pair in aligned.pairs)
    return with_full_scale(settled) if cut_off else settled


def _scored(
    task: MatchTask, template: Template, aligned: AlignedPairs, fitted: FitResult, hooks: Hooks
) -> Match:
    if any(fitted.latency_shifts):
        aligned = with_latency_shifts(aligned, fitted.latency_shifts)
    with signals_ignored():
        hooks.report("scoring", fitted.loss, 1.0)
        return match_result(task, template, aligned, fitted)


def _fit(
    problems: Sequence[Problem],
    template: Template,
    budget: Budget,
    task: MatchTask,
    hooks: Hooks,
    measured: MeasuredDevice | None,
) -> FitResult:
    """Search; `compile_search` has loaded the modules of the search."""
    from fxchain.matching.search.schedule import fit

    file, seed = hooks.checkpoint_file(), task.options.seed
    return fit(problems, template, budget, seed, checkpoint=file, measured=measured)


def _fit_channels(
    task: MatchTask, template: Template, aligned: AlignedPairs, budget: Budget, hooks: Hooks
) -> FitResult:
    """Search a chain for each channel; the checkpoint is that of the first search."""
    from fxchain.matching.search.schedule import fit

    device, seed, file = task.options.device, task.options.seed, hooks.checkpoint_file()

    def search(problem: Problem, chain: Template, limit: Budget, first: bool) -> FitResult:
        problem = replace(problem, torch_device=device)
        return fit([problem], chain, limit, seed, checkpoint=file if first else None)

    templates = tuple(_settled(each, aligned, 1) for each in channel_templates(template))
    return search_channels(aligned, templates, budget, search)
