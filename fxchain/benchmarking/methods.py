"""The methods that are compared, by name."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from fxchain.alignment.fractional_delay import advanced
from fxchain.baselines.linear import best_gain, best_linear_filter, unprocessed
from fxchain.baselines.nam_package import nam_module, require_nam
from fxchain.baselines.network_file import save_network
from fxchain.baselines.training import train
from fxchain.benchmarking.cell_method import fit_gru, fit_lstm
from fxchain.benchmarking.fitted import (
    AUDIO_FILE,
    NETWORK_FILE,
    Curve,
    Fitted,
    Player,
    TrainingTask,
)
from fxchain.errors import MatchError
from fxchain.files.atomic import write_text_atomic
from fxchain.matching.match import match
from fxchain.optim.budget import Budget, Entry
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.render import Playable, render
from fxchain.session.result import PRESET_FILE, REPORT_FILE, Match


@dataclass(frozen=True)
class Method:
    """A method of the comparison.

    Attributes:
        title: in tables
        fit: fits it on a pair
        timed: it uses its time limit
        spinning: its threads synchronize often and briefly, so that they spin while waiting
        needs_nam: it needs the package of the extra `benchmark`
        default: it is measured where no methods are named
    """

    title: str
    fit: Callable[[TrainingTask], Fitted]
    timed: bool = False
    spinning: bool = False
    needs_nam: bool = False
    default: bool = True


def _unprocessed(task: TrainingTask) -> Fitted:
    problem = task.prepared.problem
    return Fitted(unprocessed(problem.dry, problem.wet), weights=0, seconds=0.0)


def _gain(task: TrainingTask) -> Fitted:
    problem, began = task.prepared.problem, time.perf_counter()
    found = best_gain(problem.dry, problem.wet, first_valid=problem.first_valid)
    return Fitted(found, weights=1, seconds=time.perf_counter() - began)


def _filter(task: TrainingTask) -> Fitted:
    problem, began = task.prepared.problem, time.perf_counter()
    found = best_linear_filter(problem.dry, problem.wet, first_valid=problem.first_valid)
    return Fitted(
        found,
        weights=found.taps.size,
        seconds=time.perf_counter() - began,
        receptive_field_samples=found.taps.shape[1],
    )


def _chain(task: TrainingTask, only_pedalboard: bool) -> Fitted:
    """Search a chain; as with `fxchain match`, the alignment is part of the time.

    All methods are scored on the same wet, so a fractional latency that the search found beyond
    the alignment's is applied to the output.
    """
    pair, rate = task.pair, task.pair.dry.sample_rate
    found = match(
        pair.dry.samples,
        pair.wet.samples,
        rate,
        seconds=task.seconds or 0.0,
        iterations=task.iterations,
        seed=task.seed,
        progress=task.progress,
        only_pedalboard=only_pedalboard,
        latency_samples=task.source.latency_samples,
        polarity=task.source.polarity,
        threads=task.threads,
    )
    preset = found.preset
    later = found.metrics["latency_samples"] - task.prepared.alignment.latency_samples
    return Fitted(
        play=lambda dry: advanced(render(preset, dry, rate), -later),
        weights=_parameter_count(preset),
        seconds=float(found.history[-1]["seconds"]) if found.history else 0.0,
        save=partial(_save_chain, found, task.source.id),
        curve=_best_so_far(found.history),
        notes=[*found.metrics["warnings"], *_without_plugin(preset)],
    )


def _save_chain(found: Match, title: str, folder: Path) -> None:
    """Save the preset, and the report of the match."""
    from fxchain.report.page import render_report

    found.preset.save(folder / PRESET_FILE)
    metrics = {key: value for key, value in found.metrics.items() if key != "command"}
    content = replace(
        found.content(), title=title, metrics=metrics, files=(PRESET_FILE, AUDIO_FILE)
    )
    write_text_atomic(folder / REPORT_FILE, render_report(content), force=True)


def _network(task: TrainingTask, kind: str) -> Fitted:
    problem = task.prepared.problem
    if METHODS[kind].needs_nam:
        nam_module("models")  # takes seconds, which are not those of the training
    budget = Budget(
        seconds=task.seconds if task.iterations is None else None,
        steps=task.iterations,
        progress=task.progress,
    )
    training = train(
        kind,
        problem.dry,
        problem.wet,
        problem.sample_rate,
        budget,
        start=problem.first_valid,
        polarity=task.prepared.alignment.polarity,
        seed=task.seed,
    )
    seconds = budget.elapsed
    trained = training.trained
    return Fitted(
        play=_player(trained, problem.sample_rate),
        weights=trained.network.weight_count(),
        seconds=seconds,
        save=lambda folder: save_network(trained, folder / NETWORK_FILE),
        curve=[(one.seconds, one.loss) for one in training.snapshots],
        snapshots=[
            (one.seconds, _player(one.trained, problem.sample_rate)) for one in training.snapshots
        ],
        receptive_field_samples=trained.network.receptive_field_samples,
    )


def _trained(title: str, kind: str, default: bool = True) -> Method:
    return Method(title, partial(_network, kind=kind), timed=True, spinning=True, default=default)


def _of_nam(title: str, kind: str) -> Method:
    return replace(_trained(title, kind, default=False), needs_nam=True)


METHODS: Mapping[str, Method] = {
    "unprocessed": Method("unprocessed", _unprocessed),
    "best_gain": Method("best gain", _gain),
    "best_linear_filter": Method("linear filter", _filter),
    "fxchain": Method("fxchain", partial(_chain, only_pedalboard=False), timed=True),
    "only_pedalboard": Method(
        "fxchain, only pedalboard", partial(_chain, only_pedalboard=True), timed=True
    ),
    "gru": Method("GRU, second-order steps", fit_gru, timed=True),
    "lstm_second_order": Method("LSTM, second-order steps", fit_lstm, timed=True),
    "lstm": _trained("LSTM", "lstm"),
    "wavenet": _trained("WaveNet", "wavenet"),
    "wavenet_small": _trained("WaveNet, small", "wavenet_small", default=False),
    "nam": _of_nam("NAM A2", "nam"),
    "nam_lite": _of_nam("NAM A2, lite", "nam_lite"),
    "nam_standard": _of_nam("NAM A1, standard", "nam_standard"),
}

#: All but the small WaveNet and those that need another package.
DEFAULT_METHODS = tuple(name for name, method in METHODS.items() if method.default)


def check_methods(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, each once, in the order of the tables.

    Raises:
        MatchError: a name is unknown, its package is not installed, or there is none.
    """
    for name in names:
        if name not in METHODS:
            raise MatchError(f"--methods {name}: not one of {', '.join(METHODS)}")
        if METHODS[name].needs_nam:
            try:
                require_nam()
            except MatchError as error:
                raise MatchError(f"--methods {name}: {error}") from error
    if not names:
        raise MatchError(f"--methods: give at least one of {', '.join(METHODS)}")
    return tuple(name for name in METHODS if name in names)


def _player(playable: Playable, sample_rate: int) -> Player:
    return lambda dry: render(playable, dry, sample_rate)


def _parameter_count(preset: Preset) -> int:
    """Return the number of parameters: of knobs, and of samples of assets."""
    placed = effects_of(preset.stage, preset.values)
    assets = [asset for each in placed for asset in each.effect.assets.values()]
    return len(preset.values) + sum(asset.samples.size for asset in assets)


def _without_plugin(preset: Preset) -> list[str]:
    return [f"no pedalboard plugin: {stage}" for stage in preset.without_twin()]


def _best_so_far(history: Sequence[Entry]) -> Curve:
    """Return (seconds, loss) of each step that lowered the loss."""
    curve: list[tuple[float, float]] = []
    for entry in history:
        loss = float(entry["loss"])
        if math.isfinite(loss) and (not curve or loss < curve[-1][1]):
            curve.append((float(entry["seconds"]), loss))
    return curve
