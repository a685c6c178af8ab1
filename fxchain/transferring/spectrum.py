"""The tone: the long-term spectrum in thirds of an octave, whatever the level."""

from torch import Tensor

from fxchain.transferring.hearing import FINE, Hearing, quantiles
from fxchain.transferring.loss import Loss

#: Medium and loud moments; soft ones are mostly what is left of others.
SHARES = (0.3, 0.5, 0.7, 0.85, 0.95)


def describe(heard: Hearing) -> Tensor:
    """Return the level of each band relative to their mean, (bands, 1), dB.

    A band's level is the mean of several quantiles of its levels over time, so that length, tempo
    and order do not matter.
    """
    levels = quantiles(heard.levels_db, SHARES).mean(-1)
    return (levels - levels.mean())[:, None]


LOSS = Loss("spectrum", "tone", describe, same=3.0, unlike=10.0, counts=24.0, per_octave=FINE)
