"""What a chain makes of an excerpt."""

import numpy as np
import torch

from fxchain.objectives.excerpt import Excerpt
from fxchain.stage import Stage


def play_excerpt(
    stage: Stage, values: np.ndarray, excerpt: Excerpt, sample_rate: int
) -> np.ndarray:
    """Play the dry of an excerpt.

    Args:
        stage: the chain
        values: (size,), physical
        excerpt: what is played, from its first sample, compared or not
        sample_rate: Hz

    Returns:
        (channels, samples)
    """
    playback = excerpt.playback(sample_rate)
    with torch.no_grad():
        dry = torch.from_numpy(np.ascontiguousarray(excerpt.dry))[None]
        played = stage.process(dry, playback, torch.from_numpy(np.array(values))[None])
    return np.asarray(played[0].numpy())
