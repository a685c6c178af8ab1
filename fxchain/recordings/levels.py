"""Recordings far from full scale are brought to it before they are compared.

A chain is searched with knobs that are made for levels near full scale: thresholds in dB below
it, gains of some 60 dB. Recordings within that range are left as they are. Others are compared at
the level of an ordinary recording, and the factors go into the routing of the preset, so that it
plays at the level of the recordings.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from fxchain.alignment.channels import EQUAL_SHARE
from fxchain.files.audio_input import Audio
from fxchain.metrics.energy import energy
from fxchain.player import Routing
from fxchain.player.channel_routing import straight
from fxchain.recordings.pair import Pair

#: Peaks within these limits are ordinary, dBFS; others are brought to the last.
LEAST_PEAK_DBFS, MOST_PEAK_DBFS, PEAK_DBFS = -40.0, 20.0, -6.0
#: Steps of a recording are looked for among the powers of two from 2^0 to that of 24 bits.
FINEST_STEP_EXPONENT = -23


def levelled(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Return pairs of one device with all dry and all wet recordings at ordinary levels.

    Args:
        pairs: comparable

    Returns:
        the same where all levels are ordinary; else scaled by one factor for all dry and one for
        all wet recordings, with routings that undo it, and a sentence for the first
    """
    before = _factor([pair.dry for pair in pairs])
    behind = _factor([pair.wet for pair in pairs])
    if before == behind == 1.0:
        return tuple(pairs)
    scaled = [
        replace(
            pair,
            dry=_scaled(pair.dry, before),
            wet=_scaled(pair.wet, behind),
            routing=_routing(pair).levelled(before, 1.0 / behind),
        )
        for pair in pairs
    ]
    first = scaled[0]
    said = [
        f"{Path(audio.name).name}: its peak is far from full scale ({_peak_dbfs(audio):+.1f} "
        "dBFS); it is compared at an ordinary level, the preset plays at its own"
        for audio, factor in ((pairs[0].dry, before), (pairs[0].wet, behind))
        if factor != 1.0
    ]
    if behind != 1.0:
        said += _noise_sentence(pairs[0].wet)
    return (replace(first, warnings=(*first.warnings, *said)), *scaled[1:])


def quantisation_share(audio: Audio) -> float:
    """Return the share of a recording's power that is its quantisation noise, step² / 12.

    The step is the coarsest power of two of which all samples are multiples; 0 where there is none
    down to 24 bits, as in recordings of floating point numbers. Samples of 0 count as silence.

    Source:
        Widrow and Kollár, "Quantization Noise".
    """
    for exponent in range(0, FINEST_STEP_EXPONENT - 1, -1):
        steps = audio.samples * np.float32(2.0**-exponent)
        if np.array_equal(steps, np.rint(steps)):
            noise = 4.0**exponent / 12.0 * np.count_nonzero(audio.samples)
            return float(noise / max(energy(audio.samples), 1e-30))
    return 0.0


def _noise_sentence(wet: Audio) -> list[str]:
    """Say that a quiet wet is limited by its quantisation noise, where that can be heard."""
    share = quantisation_share(wet)
    if share <= EQUAL_SHARE:
        return []
    return [
        f"{Path(wet.name).name}: its quantisation noise has {share:.1g} of its power, so that "
        "no chain can be expected to reach a smaller ESR; record it louder, or in floating point"
    ]


def _factor(recordings: Sequence[Audio]) -> float:
    """Return what brings the highest peak of recordings to an ordinary level, 1 where it is."""
    peak_dbfs = max(_peak_dbfs(audio) for audio in recordings)
    if LEAST_PEAK_DBFS <= peak_dbfs <= MOST_PEAK_DBFS:
        return 1.0
    return float(10.0 ** ((PEAK_DBFS - peak_dbfs) / 20.0))


def _peak_dbfs(audio: Audio) -> float:
    return 20.0 * float(np.log10(max(float(np.abs(audio.samples).max()), 1e-20)))


def _scaled(audio: Audio, factor: float) -> Audio:
    return audio if factor == 1.0 else replace(audio, samples=audio.samples * np.float32(factor))


def _routing(pair: Pair) -> Routing:
    return straight(pair.dry.channels) if pair.routing is None else pair.routing
