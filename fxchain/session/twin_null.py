"""How far a chain computed by torch is from its exported board."""

import numpy as np
import torch

from fxchain.metrics.scores import null_depth_db
from fxchain.player import Playback
from fxchain.preset import Preset

#: At most so much audio is compared, s.
COMPARED_SECONDS = 60.0


def twin_null_db(
    preset: Preset, dry: np.ndarray, board: np.ndarray, span: tuple[int, int] | None = None
) -> float:
    """Return the level of the difference between the chain in torch and its board, dB.

    Args:
        preset: the chain
        dry: (channels, samples), at the preset's sample rate
        board: (channels, samples), what the exported board makes of it
        span: first sample and end of what is compared; None: all

    Returns:
        10·log10 of the energy of the difference over that of the board, over the first
        `COMPARED_SECONDS` of the span
    """
    start, end = span or (0, dry.shape[1])
    end = min(end, start + round(COMPARED_SECONDS * preset.sample_rate))
    with torch.no_grad():
        played = preset.stage.process(
            torch.from_numpy(np.ascontiguousarray(dry[:, :end]))[None],
            Playback(preset.sample_rate),
            torch.from_numpy(np.array(preset.values))[None],
        )
    return null_depth_db(board[:, start:end], played[0].numpy()[:, start:])
