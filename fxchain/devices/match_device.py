"""The match of a device with knobs: one chain for all its positions, its knobs as macros."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

from fxchain.devices.captures import Captures, DeviceKnob, read_captures
from fxchain.devices.following import find_following, fitted
from fxchain.devices.left_out import judge_left_out
from fxchain.devices.position_fits import Device
from fxchain.devices.result import DeviceFit, device_result
from fxchain.devices.structure_search import search_structure
from fxchain.errors import MatchError
from fxchain.matching.hooks import Hooks, Notice
from fxchain.matching.match_pairs import task_of_sources
from fxchain.matching.options import ONE_PAIR_ONLY, MatchOptions, MatchPairsKeywords
from fxchain.matching.result import MatchTask
from fxchain.matching.run import aligned_pairs, compile_search, template_for
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget, Clock, Progress
from fxchain.optim.halting import halted_by_signals
from fxchain.recordings.several_pairs import (
    AlignedPairs,
    read_pair_sources,
    with_latency_shifts,
)
from fxchain.session.keywords import options_from_keywords
from fxchain.session.process_state import signals_ignored, torch_settings
from fxchain.session.result import Match
from fxchain.structure.plugins import hosted
from fxchain.structure.template import Template

#: Share of the budget behind which nothing more is tried about what follows, and behind which the
#: last steps of all numbers end; the rest judges positions left out.
FOLLOWED, SETTLED = 0.85, 0.92
#: Last second-order steps of all numbers, at most.
LAST_STEPS = 20


def match_device(
    pairs: str | Path | Captures,
    device_knobs: Sequence[str | DeviceKnob] = (),
    sample_rate: float | None = None,
    *,
    progress: Progress | None = None,
    notice: Notice | None = None,
    clock: Clock = time.monotonic,
    **options: Unpack[MatchPairsKeywords],
) -> Match:
    """Find one chain for a device that was recorded at several positions of its knobs.

    Nothing measured from the recordings is part of it (`measured_response` is off), since that
    would belong to one position.

    Args:
        pairs: a manifest with a column for each knob, see `read_captures`, or captures
        device_knobs: names of the columns, `NAME` or `NAME=LOW:HIGH`
        sample_rate: Hz, of recordings that are arrays; files know theirs
        progress: as for `match`
        notice: as for `match`
        clock: as for `match`
        options: as for `match_pairs`

    Returns:
        the match: the preset has a macro for each knob, `metrics["device"]` what follows it and
        the errors at captured positions and at positions left out; Ctrl-C gives the best so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: the manifest or a knob cannot be used, or an option makes no sense.
        PresetError: the chain or the start cannot be used.
        TypeError: there is no such option.
        KeyboardInterrupt: stopped before anything was found.
    """
    asked = options_from_keywords(MatchOptions, options, "match_device", ONE_PAIR_ONLY)
    asked = replace(asked, measured_response=False)
    if asked.measured is not None:
        raise MatchError(
            f"{asked.measured}: a measurement is of one position of the knobs; leave --measured "
            "out, or match that position by itself"
        )
    captures = pairs if isinstance(pairs, Captures) else read_captures(pairs, device_knobs)
    words = [
        word
        for knob in captures.knobs
        for word in ("--knob", f"{knob.name}={knob.low:g}:{knob.high:g}")
    ]
    manifest = None if isinstance(pairs, Captures) else pairs
    task = task_of_sources(captures.sources, manifest, sample_rate, asked, words)
    return _run(task, captures, Hooks(progress, notice, None, clock))


def _run(task: MatchTask, captures: Captures, hooks: Hooks) -> Match:
    options = task.options
    options.check()
    template = options.template()
    if hosted(template.stage):
        raise MatchError(
            "--knob: macros cannot move settings of plug-ins of other makers; leave --plugin out, "
            "or match each position by itself"
        )
    read = read_pair_sources(task.sources, task.sample_rate)
    with torch_settings(options.threads):
        compile_search(hooks)
        budget = options.budget(hooks.clock, hooks.progress)
        aligned = aligned_pairs(task, read, hooks)
        template = replace(template_for(template, aligned), response=False, cell=False)
        template = replace(template, periodic=False)
        found = _fit(aligned, captures, template, budget, options)
        aligned = with_latency_shifts(aligned, found.fits.latency_shifts)
        with signals_ignored():
            hooks.report("scoring", found.joint.loss, 1.0)
            return device_result(task, aligned, found, budget.history)


def _fit(
    aligned: AlignedPairs,
    captures: Captures,
    template: Template,
    budget: Budget,
    options: MatchOptions,
) -> DeviceFit:
    """Find a structure, what follows the knobs, and the numbers."""
    problems = tuple(replace(p.problem, torch_device=options.device) for p in aligned.pairs)
    device = Device(captures, problems, problems[0].sample_rate)
    search = partial(_search, device, options.seed)
    with halted_by_signals(budget):
        fits, structure = search_structure(device, template, budget, search)
        members = fits.members(device)
        layout = fits.layout(device)
        joint = find_following(members, layout, fits.cubes, budget.portion(FOLLOWED))
        joint = fitted(members, joint.layout, joint.numbers, LAST_STEPS, budget.portion(SETTLED))
        moved = with_latency_shifts(aligned, fits.latency_shifts)
        left_out = judge_left_out(captures, moved.pairs, members, fits, joint, budget)
    interrupted = budget.halted or structure.interrupted
    if not math.isfinite(joint.loss):
        raise KeyboardInterrupt
    return DeviceFit(captures, template.name, fits, joint, tuple(left_out), structure, interrupted)


def _search(
    device: Device, seed: int, at: list[int], template: Template, budget: Budget
) -> FitResult:
    """Search a chain for captures of equal positions."""
    from fxchain.matching.search.schedule import fit

    return fit([device.problems[each] for each in at], template, budget, seed)
