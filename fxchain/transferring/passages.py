"""The passages of a recording that are analysed, and the excerpt that is processed."""

import numpy as np

from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.level import loudness
from fxchain.transferring.spectrum import describe
from fxchain.transferring.target import as_tensor

#: The length of a long recording that is analysed, and of the pieces it consists of, s.
MOST_SECONDS, PIECE_SECONDS = 60.0, 5.0
#: Pieces more than this below the loudest are not analysed, dB.
QUIET_DB = 20.0
#: The length of the excerpt that the objective processes, and the hop between its candidates, s.
EXCERPT_SECONDS, HOP_SECONDS = 5.0, 1.0
#: Candidates more than this below the loudest are not chosen, dB.
LOUD_DB = 9.0


def loud_passages(samples: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the loud pieces of a long recording, evenly spread; a short one unchanged.

    Args:
        samples: (channels, samples)
        sample_rate: Hz
    """
    if samples.shape[1] <= MOST_SECONDS * sample_rate:
        return samples
    size = round(PIECE_SECONDS * sample_rate)
    starts = np.arange(0, samples.shape[1] - size + 1, size)
    levels = _levels_db(samples, starts, size)
    loud = starts[levels >= levels.max() - QUIET_DB]
    count = min(round(MOST_SECONDS / PIECE_SECONDS), len(loud))
    chosen = loud[np.linspace(0, len(loud) - 1, count).round().astype(int)]
    return np.concatenate([samples[:, start : start + size] for start in chosen], axis=1)


def excerpt(samples: np.ndarray, sample_rate: int) -> tuple[np.ndarray, int]:
    """Return the loud part that is closest to the whole in tone and loudness.

    Args:
        samples: (channels, samples)
        sample_rate: Hz

    Returns:
        (channels, samples), at most 5 s of mono or 2.5 s of stereo; and its first sample's position
    """
    size = round(EXCERPT_SECONDS * sample_rate / samples.shape[0])
    if samples.shape[1] <= size:
        return samples, 0
    hop = round(HOP_SECONDS * sample_rate)
    starts = np.arange(0, samples.shape[1] - size + 1, hop)
    levels = _levels_db(samples, starts, size)
    loud = starts[levels >= levels.max() - LOUD_DB]
    parts = [samples[:, start : start + size] for start in loud]
    whole = Descriptors(as_tensor(samples), sample_rate)
    distances = [_distance(whole, Descriptors(as_tensor(part), sample_rate)) for part in parts]
    nearest = int(np.argmin(distances))
    return parts[nearest], int(loud[nearest])


def _distance(whole: Descriptors, part: Descriptors) -> float:
    tone = (describe(part) - describe(whole)).square().mean()
    return float(tone + (loudness(part) - loudness(whole)).square())


def _levels_db(samples: np.ndarray, starts: np.ndarray, size: int) -> np.ndarray:
    """Return the mean level of each part, (parts,), dB."""
    power = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64).mean(axis=0))])
    return np.asarray(10.0 * np.log10((power[starts + size] - power[starts]) / size + 1e-20))
