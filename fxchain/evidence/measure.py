"""All figures of a pair of recordings."""

from dataclasses import replace

import numpy as np

from fxchain.evidence.bands import Vector
from fxchain.evidence.echoes import Echoes, measure_echoes
from fxchain.evidence.harmonics import distortion_shares
from fxchain.evidence.level import measure_level_dependence
from fxchain.evidence.movement import measure_movement
from fxchain.evidence.pair import BLOCK_SECONDS, BandedPair
from fxchain.evidence.quantization import level_step
from fxchain.evidence.quiet import quiet_gain_db
from fxchain.primitives.evidence import Evidence

#: Taps of the linear filter in each band.
TAPS = 256
#: At most so much is looked at, s: the loudest part that has the highest peak of the dry in it.
MOST_SECONDS = 20.0
#: Distortion is measured in so much of it, s.
LOUDEST_SECONDS = 4.0
#: A pair shorter than this says nothing, s.
LEAST_SECONDS = 0.5
#: Below this error of a gain, and of a linear filter, nothing more is measured.
EXACT, LINEAR = 1e-12, 3e-8
#: An echo is fitted as well where it is louder than this, dB, and above the floor by so much, dB.
ECHO_DB, ABOVE_FLOOR_DB = -60.0, 6.0
#: A dry that repeats itself at the lag of an echo, with this correlation, cannot show one.
REPEATING = 0.9


def measure_evidence(
    dry: np.ndarray, wet: np.ndarray, sample_rate: int, first_valid: int = 0
) -> Evidence:
    """Measure what a pair says about the effects between dry and wet.

    Channels are summed. It takes about a second for 10 s of audio.

    Args:
        dry: (channels, samples)
        wet: (channels, samples), aligned with the dry
        sample_rate: Hz
        first_valid: index of the first sample at which the wet is known
    """
    x, y, first = _loudest(_mono(dry), _mono(wet), sample_rate, first_valid)
    gain, error = _gain(x[first:], y[first:])
    found = Evidence(
        gain_db=20.0 * float(np.log10(max(abs(gain), 1e-10))),
        gain_error=error,
        inverted=gain < 0.0,
        linear_error=error,
    )
    if error < EXACT or not np.any(x) or len(x) - first < LEAST_SECONDS * sample_rate:
        return found
    pair = BandedPair(x, y, sample_rate, first)
    echoes = measure_echoes(pair)
    fit = nearest = pair.fit(TAPS)
    if fit.error > LINEAR and _shows_echo(pair, echoes):
        with_echo = pair.fit(TAPS, echo_samples=round(echoes.echo_seconds * sample_rate))
        nearest = min(fit, with_echo, key=lambda each: each.error)
    linear_error = min(error, nearest.error)
    found = replace(found, linear_error=linear_error, **vars(echoes))
    if linear_error < LINEAR:
        return found
    odd, even = distortion_shares(*_loudest_part(pair, fit.fit))
    inputs = (x[first:], fit.fit[first:])
    level = measure_level_dependence(y[first:], inputs, sample_rate)
    share, frequency = _movement(pair, nearest.fit)
    return replace(
        found,
        odd_share=odd,
        even_share=even,
        movement_share=share,
        movement_hz=frequency,
        level_step=level_step(dry, wet),
        quiet_gain_db=quiet_gain_db(y[first:], inputs, sample_rate),
        **vars(level),
    )


def _movement(pair: BandedPair, linear: Vector) -> tuple[float, float]:
    """Return the share of the wet that movement explains, and its frequency, Hz.

    It is the less of what it explains of the wet and of what a steady filter leaves: in short
    blocks echoes differ from note to note, and notes come periodically. In a block where the filter
    leaves more than nothing does, as before those it was fitted to, it counts as nothing.
    """
    known, rate = slice(pair.first_valid, None), pair.sample_rate
    wet, fit = pair.wet[known], linear[known]
    length = max(round(BLOCK_SECONDS * rate), 1)
    begins = np.arange(0, len(wet), length)
    left, own = (np.add.reduceat(each**2, begins) for each in (wet - fit, wet))
    rest = wet - np.where(np.repeat(left < own, length)[: len(wet)], fit, 0.0)
    found = []
    for each in (wet, rest):
        share, frequency = measure_movement(each, pair.dry[known], rate)
        found.append((share * float(each @ each) / (float(wet @ wet) + 1e-30), frequency))
    return min(found)


def _shows_echo(pair: BandedPair, echoes: Echoes) -> bool:
    """Tell whether there is an echo, and the dry itself does not come back after that time."""
    lag = round(echoes.echo_seconds * pair.sample_rate)
    if echoes.echo_db < max(ECHO_DB, echoes.echo_floor_db + ABOVE_FLOOR_DB) or lag < 1:
        return False
    later, before = pair.dry[lag:], pair.dry[:-lag]
    scale = float(np.sum(later**2) * np.sum(before**2)) ** 0.5
    return abs(float(later @ before)) < REPEATING * scale


def _loudest_part(pair: BandedPair, linear: Vector) -> tuple[BandedPair, Vector]:
    """Return the loudest seconds of a pair, and of what a filter makes of the dry."""
    length = round(LOUDEST_SECONDS * pair.sample_rate)
    if len(pair.wet) <= length:
        return pair, linear
    power = np.concatenate([[0.0], np.cumsum(pair.wet**2)])
    energies = power[length:] - power[:-length]
    known = energies[pair.first_valid :]
    begin = pair.first_valid + (int(np.argmax(known)) if len(known) else 0)
    span = slice(begin, begin + length)
    return BandedPair(pair.dry[span], pair.wet[span], pair.sample_rate), linear[span]


def _mono(audio: np.ndarray) -> Vector:
    return np.asarray(np.mean(audio, axis=0), dtype=np.float64)


def _gain(dry: Vector, wet: Vector) -> tuple[float, float]:
    """Return the least-squares gain and its ESR."""
    energy, own = float(dry @ dry), float(wet @ wet)
    gain = float(dry @ wet) / max(energy, 1e-30)
    error = float(np.sum((wet - gain * dry) ** 2))
    return gain, error / max(own, 1e-30)


def _loudest(
    dry: Vector, wet: Vector, sample_rate: int, first_valid: int
) -> tuple[Vector, Vector, int]:
    """Return the loudest part around the highest peak, and where it begins to count."""
    length = round(MOST_SECONDS * sample_rate)
    if len(wet) <= length:
        return dry, wet, first_valid
    power = np.concatenate([[0.0], np.cumsum(wet**2)])
    peak = int(np.argmax(np.abs(dry)))
    least, most = max(peak - length + 1, 0), min(peak, len(wet) - length)
    energies = power[least + length : most + length + 1] - power[least : most + 1]
    begin = least + int(np.argmax(energies))
    span = slice(begin, begin + length)
    return dry[span], wet[span], max(first_valid - begin, 0)
