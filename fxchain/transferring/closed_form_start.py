"""The closed-form start: loudness over time sets the compressor, the spectrum the filters, the
level the gain.

Each step corrects what the steps before it have left. Corrections shrink as in the objective: the
greater the content distance, the smaller they are.
"""

import numpy as np
import torch

from fxchain.structure.equalizer_bands import filter_bands, level_index
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.objective import TransferObjective
from fxchain.transferring.target import Target

#: The grid of compressors: thresholds in dB above the mean level, and ratios.
THRESHOLDS_DB = (-12.0, -8.0, -5.0, -2.0, 1.0, 4.0)
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.5, 7.0)
#: How far a compressor's envelope lies above the root mean square of a frame, dB.
ENVELOPE_DB = 3.0


def closed_form(objective: TransferObjective, values: np.ndarray) -> np.ndarray:
    """Return values of the chain that reduce the distance to the references.

    Args:
        objective: of the transfer
        values: (size,), physical, of the start

    Returns:
        (size,), physical; knobs that are not free stay
    """
    found = {each.loss.name: each for each in objective.task.targets}
    current = np.array(values, dtype=np.float64)
    if "level spread" in found:
        current = _compressed(objective, current, found["level spread"])
    if "spectrum" in found:
        current = _filtered(objective, current, found["spectrum"])
    current = _levelled(objective, current)
    return objective.values_at(objective.position(current))


def driven(objective: TransferObjective, values: np.ndarray, weight: float) -> np.ndarray:
    """Return the values with more drive at an equal level.

    Args:
        objective: of the transfer
        values: (size,), physical
        weight: what the free branches of weight 0 gain, and the others lose

    Returns:
        (size,), physical
    """
    moved = np.array(values, dtype=np.float64)
    for at, slot in enumerate(objective.stage.slots()):
        if slot.name == "mix.weight" and objective.free[at]:
            moved[at] += weight if values[at] <= 0.0 else -weight
    moved = _levelled(objective, moved)
    return objective.values_at(objective.position(moved))


def _compressed(objective: TransferObjective, values: np.ndarray, target: Target) -> np.ndarray:
    """Set the compressor of the grid whose curve maps the quantiles of the level to the target."""
    slots = objective.stage.slots()
    places = {
        slot.spec.name: at
        for at, slot in enumerate(slots)
        if slot.purpose == "dynamics" and objective.free[at]
    }
    if not {"threshold_db", "ratio"} <= places.keys():
        return values
    output = _output(objective, values)
    levels_db = target.loss.describe(output)[0]
    tolerance = _tolerance(objective, target)
    best, least = (0.0, 1.0), np.inf
    for threshold in THRESHOLDS_DB:
        for ratio in RATIOS:
            above = (levels_db - threshold).clamp(min=0.0)
            compressed = levels_db - above * (1.0 - 1.0 / ratio)
            compressed = compressed - compressed.mean()
            error = float((compressed - target.description[0]).square().mean()) / tolerance**2
            penalty = 0.5 * (np.log(ratio) / np.log(3.0)) ** 2
            loss = 0.5 * target.loss.effective_observations * error + penalty
            if loss < least:
                best, least = (threshold, ratio), loss
    if best[1] == 1.0:
        return values
    moved = values.copy()
    level_db = float(output.gated_loudness_db.mean())
    spec = slots[places["threshold_db"]].spec
    threshold_db = np.clip(level_db + best[0] + ENVELOPE_DB, spec.low, spec.high)
    moved[places["threshold_db"]] = threshold_db
    moved[places["ratio"]] = best[1]
    return moved


def _filtered(objective: TransferObjective, values: np.ndarray, target: Target) -> np.ndarray:
    """Set the filters' gains by regularized least squares on the spectral difference in dB."""
    output = _output(objective, values)
    bands = filter_bands(
        objective.stage,
        values,
        objective.free,
        np.array(output.centres_hz),
        round(objective.task.playback.sample_rate),
        everywhere=True,
    )
    if not bands:
        return values
    error = (target.description - target.loss.describe(output))[:, 0].numpy()
    responses = np.stack([band.response for band in bands], axis=1)
    responses -= responses.mean(0)
    observations = target.loss.effective_observations
    precision = target.precision.numpy() * observations / _tolerance(objective, target) ** 2
    slots = objective.stage.slots()
    order = np.cumsum(objective.free) - 1
    deviations = np.array(
        [
            objective.prior.deviation[order[b.index]]
            * (slots[b.index].spec.high - slots[b.index].spec.low)
            for b in bands
        ]
    )
    system = responses.T @ precision @ responses + np.diag(deviations**-2.0)
    gains = np.linalg.solve(system, responses.T @ precision @ error)
    moved = values.copy()
    for band, gain in zip(bands, gains, strict=True):
        moved[band.index] += gain
    return moved


def _levelled(objective: TransferObjective, values: np.ndarray) -> np.ndarray:
    """Move the last gain by the difference in level, by the loss with the smallest tolerance."""
    levels = [each for each in objective.task.targets if each.loss.dimension == "level"]
    index = level_index(objective.stage, values, objective.free)
    if not levels or index is None:
        return values
    target = min(levels, key=lambda each: _tolerance(objective, each))
    moved = values.copy()
    missing = target.difference(_output(objective, values), objective.task.content_distance)
    spec = objective.stage.slots()[index].spec
    moved[index] = np.clip(moved[index] + float(missing), spec.low, spec.high)
    return moved


def _output(objective: TransferObjective, values: np.ndarray) -> Descriptors:
    with torch.no_grad():
        return objective.descriptors(torch.from_numpy(values))


def _tolerance(objective: TransferObjective, target: Target) -> float:
    """Return the typical distance of contents at this content distance, in the loss's unit."""
    within, between = target.loss.within_scale, target.loss.between_scale
    return float(within * (between / within) ** objective.task.content_distance)
