"""A recurrent cell trained on a pair by second-order steps, without a chain."""

import numpy as np

from fxchain.benchmarking.fitted import Fitted, TrainingTask
from fxchain.errors import MatchError
from fxchain.optim.budget import Budget
from fxchain.player import Asset
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.training import compile_training, train_cell
from fxchain.render import render
from fxchain.session.result import PRESET_FILE
from fxchain.stage import Effect

#: As many units as the cell has that a match may train.
UNITS = 8
PHASE = "training"


def fit_cell(task: TrainingTask) -> Fitted:
    """Train a cell on the fitted part, the channels as separate recordings.

    Raises:
        MatchError: there was no time for a step, or nothing to train on.
    """
    problem = task.prepared.problem
    compile_training()
    budget = Budget(
        seconds=task.seconds if task.iterations is None else None,
        steps=task.iterations,
        progress=task.progress,
    )
    found = train_cell(
        [_recordings(problem.dry, problem.wet, problem.first_valid)],
        problem.sample_rate,
        UNITS,
        np.random.default_rng(task.seed),
        lambda left: budget.over,
        lambda error: budget.step(PHASE, error),
    )
    seconds = budget.elapsed
    if found is None:
        raise MatchError("the cell could not be trained: give more seconds, or a louder recording")
    primitive, rate = get_primitive("recurrent_cell"), problem.sample_rate
    (name,) = primitive.assets
    held = Asset(found.weights[None].astype(np.float32), rate)
    preset = Preset(Effect(primitive, {name: held}), np.ones(1), rate)
    return Fitted(
        play=lambda dry: render(preset, dry, rate),
        weights=found.weights.size,
        seconds=seconds,
        save=lambda folder: preset.save(folder / PRESET_FILE),
        curve=[(float(each["seconds"]), float(each["loss"])) for each in budget.history],
    )


def _recordings(dry: np.ndarray, wet: np.ndarray, first_valid: int) -> list[Recording]:
    """Return each channel, every sample that is known counting alike."""
    gain = np.zeros(dry.shape[1], np.float32)
    gain[first_valid:] = 1.0 / max(float(np.linalg.norm(wet[:, first_valid:])), 1e-20)
    rows = (tuple(map(np.ascontiguousarray, pair)) for pair in zip(dry, wet, strict=True))
    return [Recording(x, y, gain) for x, y in rows]
