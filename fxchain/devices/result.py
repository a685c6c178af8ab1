"""The result of the match of a device: its preset played and scored at every position."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from fxchain.devices.captures import Captures
from fxchain.devices.following import JointFit
from fxchain.devices.knob_macros import KnobMacros
from fxchain.devices.left_out import LeftOut, pair_error, turned_to
from fxchain.devices.position_fits import PositionFits
from fxchain.matching.pair_report import level_warnings, pair_rows
from fxchain.matching.repeat_command import repeat_command
from fxchain.matching.result import MatchTask
from fxchain.matching.routed import with_routing
from fxchain.matching.scoring.pair_scores import PairScores, mean_figures, score_pairs
from fxchain.matching.scoring.report_tracks import comparison_of
from fxchain.matching.search.result import FitResult
from fxchain.metrics.scores import MR_STFT_SETTINGS
from fxchain.preset import Preset
from fxchain.preset.knob_ranges import KEY
from fxchain.preset.macro_text import macro_sentences
from fxchain.recordings.file_names import matched_files
from fxchain.recordings.several_pairs import AlignedPairs
from fxchain.render import render
from fxchain.session.result import Match
from fxchain.session.twin_null import twin_null_db
from fxchain.session.versions import versions

if TYPE_CHECKING:
    from fxchain.matching.scoring.knob_uncertainty import Uncertainty


@dataclass(frozen=True, eq=False)
class DeviceFit:
    """What was found about a device.

    Attributes:
        captures: positions of its knobs
        chain: name of the chain that was asked for
        fits: its structure, fitted to each capture by itself
        joint: what follows the knobs, fitted to all captures
        left_out: errors at positions that were left out
        structure: the search that found the structure
        interrupted: the user stopped it early
    """

    captures: Captures
    chain: str
    fits: PositionFits
    joint: JointFit
    left_out: tuple[LeftOut, ...]
    structure: FitResult
    interrupted: bool


def device_result(
    task: MatchTask,
    aligned: AlignedPairs,
    found: DeviceFit,
    history: Sequence[dict[str, float | str]],
) -> Match:
    """Play the preset at the position of each capture, and score it.

    Args:
        task: what was matched
        aligned: the pairs, with the latencies that were found
        found: chain and macros
        history: of the search
    """
    rate = aligned.pairs[0].problem.sample_rate
    captures, joint = found.captures, found.joint
    bare = KnobMacros(found.fits.vector, rate).preset(joint.layout, joint.numbers, captures)
    certainty = _uncertainty(bare, found, aligned)
    metadata = {
        "chain": found.chain,
        "without_twin": bare.without_twin(),
        KEY: certainty.ranges().metadata(),
    }
    preset = replace(bare, metadata=metadata)
    turned = [turned_to(preset, captures, positions) for positions in captures.positions]
    matched = [
        render(each, pair.dry, rate) for each, pair in zip(turned, aligned.pairs, strict=True)
    ]
    scores = score_pairs(aligned.pairs, matched)
    metrics = {
        **_figures(scores),
        **certainty.metrics(),
        "front": [],
        "findings": _shares(preset),
        "device": _device(preset, found, aligned),
        "polarity": aligned.polarity,
        "null_depth_db": max(
            twin_null_db(each, pair.dry, made, pair.fitted)
            for each, pair, made in zip(turned, aligned.pairs, matched, strict=True)
        ),
        "pairs": pair_rows(aligned, scores, turned),
        "without_twin": preset.without_twin(),
        "warnings": _warnings(aligned, scores, found, preset),
        "settings": _settings(task, aligned, found),
        "seed": task.options.seed,
        "command": repeat_command(task.names, task.options),
        "versions": versions(),
    }
    return _match(aligned, found, preset, matched, metrics, history)


def _match(
    aligned: AlignedPairs,
    found: DeviceFit,
    preset: Preset,
    matched: Sequence[np.ndarray],
    metrics: dict[str, Any],
    history: Sequence[dict[str, float | str]],
) -> Match:
    ids = [source.id for source in aligned.sources]
    rows = zip(ids, aligned.pairs, matched, range(len(ids)), strict=True)
    names = " and ".join(knob.name for knob in found.captures.knobs)
    result = Match(
        preset=preset,
        metrics=metrics,
        history=list(history),
        settings=metrics["settings"],
        matched=matched[0],
        sample_rate=preset.sample_rate,
        interrupted=found.interrupted,
        title=f"a device at {len(ids)} positions of {names}",
        matched_files=dict(zip(matched_files(ids), matched, strict=True)),
        comparisons=tuple(
            comparison_of(pair, made, name=f"{name} ({found.captures.described(at)})")
            for name, pair, made, at in rows
        ),
    )
    return with_routing(result, aligned)


def _figures(scores: Sequence[PairScores]) -> dict[str, Any]:
    return {
        **mean_figures([one.figures for one in scores]),
        "baselines": {
            name: mean_figures([one.baselines[name] for one in scores])
            for name in scores[0].baselines
        },
    }


def _device(preset: Preset, found: DeviceFit, aligned: AlignedPairs) -> dict[str, Any]:
    """Return what `metrics.json` says about the knobs of the device."""
    captures = found.captures
    positions = [
        {
            "id": source.id,
            "positions": {k.name: float(v) for k, v in zip(captures.knobs, at, strict=True)},
            "esr": pair_error(turned_to(preset, captures, at), pair),
        }
        for source, at, pair in zip(
            captures.sources, captures.positions, aligned.pairs, strict=True
        )
    ]
    rows = [each.node() for each in found.left_out]
    medians = {
        name: float(np.median([row[name] for row in rows])) if rows else None
        for name in ("esr", "nearest", "separate")
    }
    return {
        "knobs": [
            {
                "name": macro.name,
                "low": macro.low,
                "high": macro.high,
                "follows": macro_sentences(macro, preset.stage, preset.values),
            }
            for macro in preset.macros
        ],
        "numbers": found.joint.layout.numbers,
        "captured": positions,
        "captured_median": float(np.median([each["esr"] for each in positions])),
        "left_out": rows,
        "left_out_median": medians,
    }


def _shares(preset: Preset) -> list[dict[str, Any]]:
    """Return what each knob does, as findings."""
    return [
        {"kind": "knob", "knob": macro.name, "sentence": sentence}
        for macro in preset.macros
        for sentence in macro_sentences(macro, preset.stage, preset.values)
    ]


def _warnings(
    aligned: AlignedPairs, scores: Sequence[PairScores], found: DeviceFit, preset: Preset
) -> list[str]:
    captures = found.captures
    few = [k.name for at, k in enumerate(captures.knobs) if len(captures.settings(at)) < 3]
    stopped = ["stopped early: the best chain found until then"] if found.interrupted else []
    return [
        *aligned.warnings,
        *level_warnings(aligned, scores),
        *found.structure.notes,
        *(
            f"{name} was captured at two positions: between them its curve is a guess; record a "
            "third"
            for name in few
        ),
        *preset.clamped(preset.sample_rate),
        *stopped,
    ]


def _settings(task: MatchTask, aligned: AlignedPairs, found: DeviceFit) -> dict[str, Any]:
    first = aligned.pairs[0]
    return {
        **task.options.settings(task.options.template()),
        "sample_rate": first.problem.sample_rate,
        "channels": int(first.dry.shape[0]),
        "dropped": list(found.structure.dropped),
        "mr_stft": MR_STFT_SETTINGS,
        "gain_per_pair": task.options.gain_per_pair,
        "knobs_of_device": [[k.name, k.low, k.high] for k in found.captures.knobs],
    }


def _uncertainty(preset: Preset, found: DeviceFit, aligned: AlignedPairs) -> "Uncertainty":
    """Return how certain the values are at the reference, from the captures nearest to it."""
    from fxchain.matching.scoring.knob_uncertainty import measure_uncertainty

    captures = found.captures
    apart = captures.distances(captures.reference)
    problems = [aligned.pairs[at].problem for at in np.flatnonzero(apart == apart.min())]
    candidate = found.fits.candidate
    there = FitResult(candidate.stage, np.array(preset.values), found.joint.loss)
    return measure_uncertainty(replace(there, free=candidate.free), problems)
