"""The figures of a match: the exported board on both parts, beside the baselines."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from fxchain.baselines.linear import best_gain, best_linear_filter, unprocessed
from fxchain.matching.preparation import Prepared
from fxchain.metrics import null_depth_db, score
from fxchain.preset import Preset

Figures = dict[str, dict[str, float] | None]

#: The chain as it was fitted is compared with its board over at most so much audio, s.
_NULL_SECONDS = 60.0

_BASELINES: Mapping[str, Callable[..., Callable[[np.ndarray], np.ndarray]]] = {
    "unprocessed": unprocessed,
    "best_gain": best_gain,
    "best_linear_filter": best_linear_filter,
}


def figures(prepared: Prepared, estimate: np.ndarray) -> Figures:
    """Score an estimate on both parts.

    Args:
        prepared: the aligned pair
        estimate: (channels, samples), rendered from the first sample of the dry

    Returns:
        `fitted` and `held_out` (None without one), each esr, mr_stft and loudness_error_db
    """
    parts = {"fitted": prepared.fitted, "held_out": prepared.held_out}
    return {name: _scores(prepared, estimate, span) for name, span in parts.items()}


def baseline_figures(prepared: Prepared) -> dict[str, Figures]:
    """Fit every baseline on the fitted part and score it on both."""
    problem = prepared.problem
    return {
        name: figures(
            prepared, make(problem.dry, problem.wet, start=problem.valid_from)(prepared.dry)
        )
        for name, make in _BASELINES.items()
    }


def twin_null_db(prepared: Prepared, preset: Preset, board: np.ndarray) -> float:
    """Return how deep the chain as it was fitted nulls with the exported board, dB.

    Args:
        prepared: the aligned pair
        preset: the chain
        board: (channels, samples), what the board made of the whole dry recording
    """
    problem = prepared.problem
    start, end = prepared.fitted
    end = min(end, start + round(_NULL_SECONDS * problem.sample_rate))
    with torch.no_grad():
        fitted = preset.stage.process(
            torch.from_numpy(np.ascontiguousarray(problem.dry[:, :end]))[None],
            float(problem.sample_rate),
            torch.from_numpy(np.array(preset.values))[None],
        )
    return null_depth_db(board[:, start:end], fitted[0].numpy()[:, start:])


def _scores(
    prepared: Prepared, estimate: np.ndarray, span: tuple[int, int] | None
) -> dict[str, Any] | None:
    """Score one part, from its first sample to its end."""
    if span is None:
        return None
    part = slice(*span)
    rate = prepared.problem.sample_rate
    return asdict(score(prepared.wet[:, part], estimate[:, part], rate))
