"""Recurrent networks trained on a pair by second-order steps, without a chain."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from fxchain.baselines.network_file import save_network
from fxchain.baselines.recipes import RECIPES, SMALL_LSTM_UNITS
from fxchain.baselines.trained import TrainedNetwork
from fxchain.benchmarking.fitted import NETWORK_FILE, Fitted, TrainingTask
from fxchain.errors import MatchError
from fxchain.optim.budget import Budget
from fxchain.player import Asset
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.descent import TrainedCell
from fxchain.recurrent.gru import gru
from fxchain.recurrent.lstm import lstm, resting
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.training import compile_training, train_cell
from fxchain.render import Playable, render
from fxchain.session.result import PRESET_FILE
from fxchain.stage import Effect

#: As many units as the cell has that a match may train.
UNITS = 8
#: The network that is saved of an LSTM, a key of `RECIPES`.
SMALL_LSTM = "lstm_small"
PHASE = "training"


def fit_gru(task: TrainingTask) -> Fitted:
    """Train the cell that a match may train.

    Raises:
        MatchError: there was no time for a step, or nothing to train on.
    """
    found, budget = _trained(task, gru(UNITS))
    primitive, rate = get_primitive("recurrent_cell"), task.prepared.problem.sample_rate
    (name,) = primitive.assets
    held = Asset(found.weights[None].astype(np.float32), rate)
    preset = Preset(Effect(primitive, {name: held}), np.ones(1), rate)
    return _fitted(preset, found, budget, rate, lambda path: preset.save(path / PRESET_FILE))


def fit_lstm(task: TrainingTask) -> Fitted:
    """Train a small LSTM.

    Raises:
        MatchError: there was no time for a step, or nothing to train on.
    """
    found, budget = _trained(task, lstm(SMALL_LSTM_UNITS))
    rate = task.prepared.problem.sample_rate
    trained = _network(found.weights, rate)
    return _fitted(
        trained, found, budget, rate, lambda path: save_network(trained, path / NETWORK_FILE)
    )


def _network(weights: np.ndarray, sample_rate: int) -> TrainedNetwork:
    """Return the network of trained weights: d·((v / d)·h + u − y₀ / d)."""
    network, units = RECIPES[SMALL_LSTM].make(), SMALL_LSTM_UNITS
    level = resting(units, weights)[1]
    ends = np.cumsum([4 * units, 4 * units * units, 4 * units, units])
    by_input, matrix, biases, out, direct = np.split(weights, ends)
    gain = float(direct[0]) or 1e-6
    held = {
        "recurrent.weight_ih_l0": by_input[:, None],
        "recurrent.weight_hh_l0": matrix.reshape(4 * units, units),
        "recurrent.bias_ih_l0": biases,
        "recurrent.bias_hh_l0": np.zeros_like(biases),
        "linear.weight": out[None] / gain,
        "linear.bias": np.array([-level / gain]),
    }
    tensors = {name: torch.from_numpy(each.astype(np.float32)) for name, each in held.items()}
    network.load_state_dict(tensors)
    return TrainedNetwork(SMALL_LSTM, network, sample_rate, input_gain=1.0, output_gain=gain)


def _trained(task: TrainingTask, network: Architecture) -> tuple[TrainedCell, Budget]:
    """Train a network on the fitted part, the channels as separate recordings."""
    problem = task.prepared.problem
    compile_training(network)
    budget = Budget(
        seconds=task.seconds if task.iterations is None else None,
        steps=task.iterations,
        progress=task.progress,
    )
    found = train_cell(
        [_recordings(problem.dry, problem.wet, problem.first_valid)],
        problem.sample_rate,
        network,
        np.random.default_rng(task.seed),
        lambda left: budget.over,
        lambda error: budget.step(PHASE, error),
    )
    if found is None:
        raise MatchError("no step could be taken: give more seconds, or a louder recording")
    return found, budget


def _fitted(
    playable: Playable,
    found: TrainedCell,
    budget: Budget,
    rate: int,
    save: Callable[[Path], None],
) -> Fitted:
    return Fitted(
        play=lambda dry: render(playable, dry, rate),
        weights=found.weights.size,
        seconds=budget.elapsed,
        save=save,
        curve=[(float(each["seconds"]), float(each["loss"])) for each in budget.history],
    )


def _recordings(dry: np.ndarray, wet: np.ndarray, first_valid: int) -> list[Recording]:
    """Return each channel, every sample that is known counting alike."""
    gain = np.zeros(dry.shape[1], np.float32)
    gain[first_valid:] = 1.0 / max(float(np.linalg.norm(wet[:, first_valid:])), 1e-20)
    rows = (tuple(map(np.ascontiguousarray, pair)) for pair in zip(dry, wet, strict=True))
    return [Recording(x, y, gain) for x, y in rows]
