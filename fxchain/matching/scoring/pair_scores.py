"""The figures of a match: the exported board on both parts, beside the baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from fxchain.baselines.linear import best_gain, best_linear_filter, unprocessed
from fxchain.metrics.scores import null_depth_db, scores
from fxchain.player import Playback
from fxchain.preset import Preset
from fxchain.recordings.pair import AlignedPair

Figures = dict[str, dict[str, float] | None]

#: The chain as it was fitted is compared with its board over at most so much audio, s.
_NULL_SECONDS = 60.0

_BASELINES: Mapping[str, Callable[..., Callable[[np.ndarray], np.ndarray]]] = {
    "unprocessed": unprocessed,
    "best_gain": best_gain,
    "best_linear_filter": best_linear_filter,
}


def figures(prepared: AlignedPair, estimate: np.ndarray) -> Figures:
    """Score an estimate on both parts.

    Args:
        prepared: the aligned pair
        estimate: (channels, samples), rendered from the first sample of the dry

    Returns:
        `fitted` and `held_out` (None without one), each esr, mr_stft and loudness_error_db
    """
    return _figures_of_all(prepared, [estimate])[0]


def figures_and_baselines(
    prepared: AlignedPair, estimate: np.ndarray
) -> tuple[Figures, dict[str, Figures]]:
    """Score an estimate, and every baseline, fitted on the fitted part, on both parts.

    Args:
        prepared: the aligned pair
        estimate: (channels, samples), rendered from the first sample of the dry
    """
    problem = prepared.problem
    played = [
        make(problem.dry, problem.wet, first_valid=problem.first_valid)(prepared.dry)
        for make in _BASELINES.values()
    ]
    first, *others = _figures_of_all(prepared, [estimate, *played])
    return first, dict(zip(_BASELINES, others, strict=True))


def twin_null_db(prepared: AlignedPair, preset: Preset, board: np.ndarray) -> float:
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
            Playback(float(problem.sample_rate)),
            torch.from_numpy(np.array(preset.values))[None],
        )
    return null_depth_db(board[:, start:end], fitted[0].numpy()[:, start:])


def _figures_of_all(prepared: AlignedPair, estimates: Sequence[np.ndarray]) -> list[Figures]:
    """Score several estimates on both parts."""
    spans = {"fitted": prepared.fitted, "held_out": prepared.held_out}
    parts = {name: _scores(prepared, estimates, span) for name, span in spans.items()}
    return [{name: part[at] for name, part in parts.items()} for at in range(len(estimates))]


def _scores(
    prepared: AlignedPair, estimates: Sequence[np.ndarray], span: tuple[int, int] | None
) -> Sequence[dict[str, Any] | None]:
    """Score one part, from its first sample to its end, of several estimates."""
    if span is None:
        return [None] * len(estimates)
    part = slice(*span)
    heard = [estimate[:, part] for estimate in estimates]
    found = scores(prepared.wet[:, part], heard, prepared.problem.sample_rate)
    return [asdict(each) for each in found]
