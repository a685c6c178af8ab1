"""The closed-form first guess: loudness over time gives a compressor, spectra filters, the
level the gain.

Each step hears what the one before has left over, and shrinks what it lays on the knobs as the
objective does: little where the contents are unlike.
"""

import numpy as np
import torch

from fxchain.structure.equalizer_bands import filter_bands, level_index
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.objective import TransferObjective
from fxchain.transferring.target import Target

#: Compressors that are tried: dB above the mean level, and ratios.
THRESHOLDS_DB = (-12.0, -8.0, -5.0, -2.0, 1.0, 4.0)
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.5, 7.0)
#: An envelope stands so far above the level of a frame, dB.
ENVELOPE_DB = 3.0


def closed_form(objective: TransferObjective, values: np.ndarray) -> np.ndarray:
    """Return values of the chain that bring the references nearer.

    Args:
        objective: what is wanted
        values: (size,), physical, where to start

    Returns:
        (size,), physical; knobs that are not free stay
    """
    found = {each.loss.name: each for each in objective.wanted}
    current = np.array(values, dtype=np.float64)
    if "level spread" in found:
        current = _compressed(objective, current, found["level spread"])
    if "spectrum" in found:
        current = _filtered(objective, current, found["spectrum"])
    current = _levelled(objective, current)
    return objective.values_at(objective.position(current))


def driven(objective: TransferObjective, values: np.ndarray, weight: float) -> np.ndarray:
    """Return the values with drives turned up by a weight, clean branches down, level kept."""
    moved = np.array(values, dtype=np.float64)
    for at, slot in enumerate(objective.stage.slots()):
        if slot.name == "mix.weight" and objective.free[at]:
            moved[at] += weight if values[at] <= 0.0 else -weight
    moved = _levelled(objective, moved)
    return objective.values_at(objective.position(moved))


def _compressed(objective: TransferObjective, values: np.ndarray, wanted: Target) -> np.ndarray:
    """Set the compressor that squeezes the quantiles of the level as wanted."""
    slots = objective.stage.slots()
    places = {s.name: at for at, s in enumerate(slots) if objective.free[at]}
    if not {"compressor.threshold_db", "compressor.ratio"} <= places.keys():
        return values
    heard = _heard(objective, values)
    here = wanted.loss.describe(heard)[0]
    tolerance = _tolerance(objective, wanted)
    best, least = (0.0, 1.0), np.inf
    for threshold in THRESHOLDS_DB:
        for ratio in RATIOS:
            squeezed = here - (here - threshold).clamp(min=0.0) * (1.0 - 1.0 / ratio)
            squeezed = squeezed - squeezed.mean()
            error = float((squeezed - wanted.description[0]).square().mean()) / tolerance**2
            price = 0.5 * wanted.loss.counts * error + 0.5 * (np.log(ratio) / np.log(3.0)) ** 2
            if price < least:
                best, least = (threshold, ratio), price
    if best[1] == 1.0:
        return values
    moved = values.copy()
    level_db = float(heard.heard_db.mean())
    spec = slots[places["compressor.threshold_db"]].spec
    threshold_db = np.clip(level_db + best[0] + ENVELOPE_DB, spec.low, spec.high)
    moved[places["compressor.threshold_db"]] = threshold_db
    moved[places["compressor.ratio"]] = best[1]
    return moved


def _filtered(objective: TransferObjective, values: np.ndarray, wanted: Target) -> np.ndarray:
    """Lay the wanted change of the spectrum on the filters, by least squares and their prior."""
    heard = _heard(objective, values)
    bands = filter_bands(
        objective.stage,
        values,
        objective.free,
        np.array(heard.centres_hz),
        objective.sample_rate,
        everywhere=True,
    )
    if not bands:
        return values
    error = (wanted.description - wanted.loss.describe(heard))[:, 0].numpy()
    responses = np.stack([band.response for band in bands], axis=1)
    responses -= responses.mean(0)
    certain = wanted.precision.numpy() * wanted.loss.counts / _tolerance(objective, wanted) ** 2
    slots = objective.stage.slots()
    order = np.cumsum(objective.free) - 1
    deviations = np.array(
        [
            objective.prior.deviation[order[b.index]]
            * (slots[b.index].spec.high - slots[b.index].spec.low)
            for b in bands
        ]
    )
    system = responses.T @ certain @ responses + np.diag(deviations**-2.0)
    gains = np.linalg.solve(system, responses.T @ certain @ error)
    moved = values.copy()
    for band, gain in zip(bands, gains, strict=True):
        moved[band.index] += gain
    return moved


def _levelled(objective: TransferObjective, values: np.ndarray) -> np.ndarray:
    """Move the last gain by what the level lacks, as that tells which is surest."""
    levels = [each for each in objective.wanted if each.loss.dimension == "level"]
    index = level_index(objective.stage, values, objective.free)
    if not levels or index is None:
        return values
    wanted = min(levels, key=lambda each: _tolerance(objective, each))
    moved = values.copy()
    lacking = float(wanted.lacking(_heard(objective, values), objective.content_distance))
    spec = objective.stage.slots()[index].spec
    moved[index] = np.clip(moved[index] + lacking, spec.low, spec.high)
    return moved


def _heard(objective: TransferObjective, values: np.ndarray) -> Descriptors:
    with torch.no_grad():
        return objective.hear(torch.from_numpy(values))


def _tolerance(objective: TransferObjective, wanted: Target) -> float:
    """Return how far apart contents as unlike as these are, in the loss's unit."""
    loss = wanted.loss
    return float(
        loss.within_scale * (loss.between_scale / loss.within_scale) ** objective.content_distance
    )
