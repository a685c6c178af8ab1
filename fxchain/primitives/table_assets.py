"""Assets of effects that were measured: tables of two oscillators, and responses."""

import numpy as np

from fxchain.errors import ParameterError
from fxchain.player import Asset
from fxchain.player.measured_responses import RESPONSE_SECONDS


def draw_tables(rng: np.random.Generator, mean: float, swing: float) -> Asset:
    """Draw one period of each of two oscillators, whose sum moves about a mean."""
    turn = 2.0 * np.pi * np.arange(256) / 256
    first = np.sin(turn + rng.uniform(0.0, 6.0)) + 0.3 * np.sin(2.0 * turn)
    second = 0.4 * np.sin(turn + rng.uniform(0.0, 6.0))
    both = np.concatenate([mean + swing * first, swing * second])
    return Asset(both[None].astype(np.float32), 44_100)


def draw_responses(rng: np.random.Generator, count: int) -> Asset:
    """Draw responses that decay, one after the other."""
    responses = np.zeros((1, count * round(RESPONSE_SECONDS * 44_100)), np.float32)
    decay = np.exp(-np.arange(64) / 10.0)
    for begin in range(0, responses.shape[1], responses.shape[1] // count):
        responses[0, begin : begin + 64] = 0.2 * decay * rng.standard_normal(64)
        responses[0, begin] = 0.5
    return Asset(responses, 44_100)


def check_tables(name: str, held: Asset, most: float, unit: str) -> None:
    """Refuse what is no two tables of equal length with values within −most and most.

    Raises:
        ParameterError: what is wrong
    """
    tables = held.samples
    if len(tables) != 1 or tables.shape[1] < 2 or tables.shape[1] % 2:
        raise ParameterError(
            f"{name}: one channel with two tables of equal length is needed, these have the shape "
            f"{tables.shape}"
        )
    if float(np.abs(tables).max()) > most:
        raise ParameterError(f"{name}: at most {most:g} {unit}, these reach beyond")
