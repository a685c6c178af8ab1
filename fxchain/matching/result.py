"""The result of a match: the exported chain, played and scored on every pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fxchain.matching.front_chains import beyond_bounds, front_of
from fxchain.matching.options import MatchOptions
from fxchain.matching.pair_report import (
    displaced_warnings,
    level_warnings,
    pair_rows,
    poor_match_warnings,
)
from fxchain.matching.repeat_command import repeat_command
from fxchain.matching.routed import with_routing
from fxchain.matching.scoring.cell_aliasing import aliasing_sentences, measure_aliasing
from fxchain.matching.scoring.pair_scores import PairScores, mean_figures, score_pairs
from fxchain.matching.scoring.report_tracks import comparison_of, with_front
from fxchain.matching.search.result import FitResult
from fxchain.metrics.scores import MR_STFT_SETTINGS
from fxchain.preset import Preset
from fxchain.preset.knob_ranges import KEY
from fxchain.recordings.aligned_pair import AlignedPair
from fxchain.recordings.file_names import matched_files
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import AlignedPairs
from fxchain.render import render
from fxchain.session.result import Match
from fxchain.session.twin_null import twin_null_db
from fxchain.session.versions import versions
from fxchain.stage import PerChannel, in_recording
from fxchain.structure.template import Template

if TYPE_CHECKING:
    from fxchain.matching.scoring.knob_uncertainty import Uncertainty


@dataclass(frozen=True, eq=False)
class MatchTask:
    """What is matched.

    Attributes:
        sources: the pairs; a single one has no id
        sample_rate: Hz, of those that are arrays; files know theirs
        options: what was asked for
        names: the words that name the recordings on a command line: two files, or `--pairs` and
            what belongs to it
        request: files and options with absolute paths, see `request_of`
    """

    sources: tuple[PairSource, ...]
    sample_rate: float | None
    options: MatchOptions
    names: tuple[str, ...]
    request: Mapping[str, Any]

    @property
    def single(self) -> bool:
        """Return whether this is the match of one pair, reported without a list of pairs."""
        return not self.sources[0].id


@dataclass(frozen=True, eq=False)
class _Played:
    """The chain on every pair.

    Attributes:
        preset: the chain
        presets: for each pair, the chain with the values that belong to that recording
        matched: for each pair (channels, samples), its whole dry recording through the board
        scores: of each pair
    """

    preset: Preset
    presets: Sequence[Preset]
    matched: Sequence[np.ndarray]
    scores: Sequence[PairScores]


def match_result(
    task: MatchTask, template: Template, aligned: AlignedPairs, fitted: FitResult
) -> Match:
    """Play the chain that was found by its exported board, and score it on every pair.

    Args:
        task: what was matched
        template: the chain that was asked for
        aligned: the pairs
        fitted: what was found
    """
    rate = aligned.pairs[0].problem.sample_rate
    certainty = _uncertainty(fitted, aligned)
    preset = _described(Preset(fitted.stage, fitted.values, rate), template, certainty)
    there = [_in_recording(preset, pair) for pair in aligned.pairs]
    matched = [
        render(each, pair.dry, rate) for each, pair in zip(there, aligned.pairs, strict=True)
    ]
    played = _Played(preset, there, matched, score_pairs(aligned.pairs, matched))
    settings = _settings(task, template, aligned, fitted)
    front = front_of(fitted, rate, template.name, task.request)
    aliasing = measure_aliasing(preset, front, aligned.pairs[0].dry, rate)
    figures = [one.figures for one in played.scores]
    metrics = {
        **mean_figures(figures),
        "baselines": {
            name: mean_figures([one.baselines[name] for one in played.scores])
            for name in played.scores[0].baselines
        },
        "front": [] if front is None else [each.figures() for each in front.chains],
        **certainty.metrics(),
        "findings": _findings(task, aligned, fitted),
        "aliasing": aliasing,
        **_alignment(task, aligned, played),
        "without_twin": preset.without_twin(),
        "warnings": [
            *aligned.warnings,
            *level_warnings(aligned, played.scores),
            *displaced_warnings(aligned, matched),
            *poor_match_warnings(played.scores),
            *fitted.notes,
            *aliasing_sentences(aliasing),
            *beyond_bounds(fitted, task.options.bounds),
            *preset.clamped(rate),
            *(["stopped early: the best chain found until then"] if fitted.interrupted else []),
        ],
        "settings": settings,
        "seed": task.options.seed,
        "command": repeat_command(task.names, task.options),
        "versions": versions(),
    }
    found = _match(task, aligned, fitted, played, metrics)
    comparisons = with_front(found.comparisons, front, aligned.pairs[0])
    return with_routing(replace(found, front=front, comparisons=comparisons), aligned)


def _in_recording(preset: Preset, pair: AlignedPair) -> Preset:
    """Return a preset with the values that belong to the recording of a pair."""
    stage, values = in_recording(preset.stage, preset.values, pair.problem.recording)
    return replace(preset, stage=stage, values=values)


def _match(
    task: MatchTask,
    aligned: AlignedPairs,
    fitted: FitResult,
    played: _Played,
    metrics: dict[str, Any],
) -> Match:
    """Put everything together."""
    found = Match(
        preset=played.preset,
        metrics=metrics,
        history=fitted.history,
        settings=metrics["settings"],
        matched=played.matched[0],
        sample_rate=aligned.pairs[0].problem.sample_rate,
        interrupted=fitted.interrupted,
    )
    if task.single:
        files = (task.names[0], task.names[1])
        comparisons = (comparison_of(aligned.pairs[0], played.matched[0], files),)
        return replace(found, title=files[1], comparisons=comparisons)
    ids = [source.id for source in aligned.sources]
    rows = zip(ids, aligned.pairs, played.scores, played.matched, strict=True)
    return replace(
        found,
        title=f"{len(ids)} recordings of one device",
        matched_files=dict(zip(matched_files(ids), played.matched, strict=True)),
        comparisons=tuple(
            comparison_of(pair, made * np.float32(one.gain), name=name)
            for name, pair, one, made in rows
        ),
    )


def _described(bare: Preset, template: Template, certainty: "Uncertainty") -> Preset:
    """Return a preset with what is known about it as metadata."""
    metadata = {
        "chain": template.name,
        "without_twin": bare.without_twin(),
        KEY: certainty.ranges().metadata(),
    }
    return replace(bare, metadata=metadata)


def _alignment(task: MatchTask, aligned: AlignedPairs, played: _Played) -> dict[str, Any]:
    """Return how each wet lay against its dry, and how well torch and board agree."""
    null_depth_db = max(
        twin_null_db(preset, pair.dry, made, pair.fitted)
        for preset, pair, made in zip(played.presets, aligned.pairs, played.matched, strict=True)
    )
    rows = pair_rows(aligned, played.scores, played.presets)
    if not task.single:
        return {"polarity": aligned.polarity, "null_depth_db": null_depth_db, "pairs": rows}
    names = ("latency_samples", "polarity", "alignment_confidence", "condition", "flutter")
    return {**{name: rows[0][name] for name in names}, "null_depth_db": null_depth_db}


def _settings(
    task: MatchTask, template: Template, aligned: AlignedPairs, fitted: FitResult
) -> dict[str, Any]:
    """Return what was asked for, and what became of it."""
    first = aligned.pairs[0]
    settings = {
        **task.options.settings(template),
        "sample_rate": first.problem.sample_rate,
        "channels": int(first.dry.shape[0]),
        "dropped": list(fitted.dropped),
        "mr_stft": MR_STFT_SETTINGS,
    }
    if not task.single:
        return {**settings, "gain_per_pair": task.options.gain_per_pair}
    return {**settings, **first.spans()}


def _uncertainty(fitted: FitResult, aligned: AlignedPairs) -> "Uncertainty":
    """Return how certain the knobs are; like the search it is imported only now."""
    from fxchain.matching.scoring.knob_uncertainty import measure_uncertainty

    return measure_uncertainty(fitted, [pair.problem for pair in aligned.pairs])


def _findings(task: MatchTask, aligned: AlignedPairs, fitted: FitResult) -> list[dict[str, Any]]:
    """Return what was found out, as sentences with their figures; nothing of single channels."""
    if isinstance(fitted.stage, PerChannel):
        return []
    from fxchain.matching.findings import findings_budget, measure_findings, sentence

    budget = findings_budget(task.options.seconds, task.options.iterations)
    budget.halted = fitted.interrupted
    found = measure_findings(fitted, [pair.problem for pair in aligned.pairs], budget)
    return [each.node(sentence(each)) for each in found]
