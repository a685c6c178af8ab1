"""The way from recordings to a scored chain, the same for one pair and for several.

read → align → check → fit → score
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from fxchain.matching.hooks import Hooks
from fxchain.matching.result import MatchTask, match_result
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.recordings.problem import Problem
from fxchain.recordings.several_pairs import align_pairs, read_pair_sources, with_latency_shifts
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
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
    budget = options.budget(hooks.clock, hooks.progress)
    with torch_settings(options.threads):
        hooks.report("aligning", math.nan, 0.0)
        aligned = align_pairs(task.sources, read, options.correct_drift, options.anyway)
        hooks.tell(aligned.warnings)
        channels = aligned.pairs[0].dry.shape[0]
        fitted = _fit(
            [replace(pair.problem, torch_device=options.device) for pair in aligned.pairs],
            for_pair(template, aligned.polarity, channels),
            budget,
            task,
            hooks,
        )
        if any(fitted.latency_shifts):
            aligned = with_latency_shifts(aligned, fitted.latency_shifts)
        with signals_ignored():
            hooks.report("scoring", fitted.loss, 1.0)
            return match_result(task, template, aligned, fitted)


def _fit(
    problems: Sequence[Problem], template: Template, budget: Budget, task: MatchTask, hooks: Hooks
) -> FitResult:
    """Search; the modules of the search are imported only now, they take a while."""
    from fxchain.matching.search.schedule import fit

    return fit(problems, template, budget, task.options.seed, checkpoint=hooks.checkpoint_file())
