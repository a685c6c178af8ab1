"""Filters as taps: impulse responses, cut where what follows cannot be heard."""

import math

import numpy as np

from fxchain.dsp.capture import HEIGHT
from fxchain.player import Playback
from fxchain.stage import Effect

#: Taps are left out whose absolute values are together no more than this share of all of them: an
#: output sample then differs by at most this share of the largest that the filter can give,
#: −120 dB.
LEFT_OUT = 1e-6
#: Responses are computed over so many times the longest that is allowed: echoes come late.
_BEYOND = 4


def impulse_response(
    effect: Effect, values: np.ndarray, sample_rate: float, longest_seconds: float
) -> np.ndarray | None:
    """Return the taps (taps,) of a filter for one channel; None where the effect is no filter.

    Args:
        effect: a stage of one primitive
        values: (size,), physical
        sample_rate: Hz
        longest_seconds: of the response

    Raises:
        ValueError: it rings longer, or what it holds has more than one channel.
    """
    longest = round(longest_seconds * sample_rate)
    found = _beginning(effect, values, sample_rate, _held(effect, sample_rate) or _BEYOND * longest)
    if found is None:
        return None
    for name, asset in effect.assets.items():
        if len(asset.samples) > 1:
            raise ValueError(
                f"its {name} has {len(asset.samples)} channels and would be played with the first "
                "alone; take one with one channel, or export another format"
            )
    cut = trimmed(found)
    if len(cut) > longest:
        raise ValueError(f"it rings for more than {longest_seconds:g} s until −120 dB are left")
    return cut


def _held(effect: Effect, sample_rate: float) -> int:
    """Return how many samples the response of an effect's assets lasts; 0 where it has none.

    Behind them stands the rounding noise of an FFT alone, of which a long sum is no longer small.
    """
    return max(
        (math.ceil(each.seconds * sample_rate) for each in effect.assets.values()), default=0
    )


def trimmed(taps: np.ndarray) -> np.ndarray:
    """Return taps without an end that cannot be heard, see `LEFT_OUT`; at least one."""
    behind = np.cumsum(np.abs(taps)[::-1])[::-1]
    return taps[: max(int(np.count_nonzero(behind > LEFT_OUT * behind[0])), 1)]


def _beginning(
    effect: Effect, values: np.ndarray, sample_rate: float, samples: int
) -> np.ndarray | None:
    """Return so many samples of the response, in double precision where a recursion gives it.

    The coefficients of a recursion are those that pedalboard rounds to single precision.
    """
    import torch
    from scipy.signal import sosfilt

    impulse = torch.zeros(1, 1, samples)
    impulse[..., 0] = HEIGHT
    with torch.no_grad():
        rows = torch.from_numpy(np.array(values, np.float64))[None]
        linear = effect.linear(impulse, Playback(sample_rate), rows)
        if linear is None:
            return None
        (part,) = linear.parts
        if part.cascade is None:
            return part.play(impulse, sample_rate)[0, 0].double().numpy() / HEIGHT
        sections = part.cascade.coefficients[0].double().numpy()
    return np.asarray(sosfilt(sections / sections[:, 3:4], impulse[0, 0].double()) / HEIGHT)
