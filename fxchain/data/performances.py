"""More test signals that are played: drums and chords, reproducible from a seed.

Both are float32 of shape (1, samples) that peak at -6 dBFS.
"""

import numpy as np
from scipy.signal import lfilter

from fxchain.data.signals import HIGHEST_SHARE_OF_RATE, LOUDEST_DBFS, at_peak

_TEMPOS_BEATS_PER_MINUTE = (80.0, 150.0)
_STEPS_PER_BEAT = 4
#: How likely each drum plays on the 16 steps of a bar.
_DRUMS = {
    "kick": (0.95, 0, 0, 0.1, 0.1, 0, 0.3, 0, 0.8, 0, 0.3, 0, 0.1, 0, 0.1, 0.1),
    "snare": (0, 0, 0, 0, 0.95, 0, 0, 0.15, 0, 0.1, 0, 0, 0.95, 0, 0, 0.2),
    "hat": (0.9, 0.3) * 8,
}
_CHORDS_SEMITONES = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 11), (0, 3, 7, 10), (0, 5, 7))
_LOWEST_ROOT_HZ, _ROOTS = 98.0, 12
#: A period of a wave has 2^_TABLE_BITS entries, so that the nearest is near enough.
_TABLE_BITS, _MOST_HARMONICS = 14, 400


def drum_pattern(seconds: float, sample_rate: int, seed: int = 0) -> np.ndarray:
    """Return a rhythm of kick, snare and hi-hat at a tempo and with accents that are drawn.

    Args:
        seconds: length, s
        sample_rate: Hz
        seed: of the random numbers

    Returns:
        (1, samples), peak at -6 dBFS
    """
    random = np.random.default_rng(seed)
    sounds = {name: _drum(name, sample_rate, random) for name in _DRUMS}
    step_seconds = 60.0 / random.uniform(*_TEMPOS_BEATS_PER_MINUTE) / _STEPS_PER_BEAT
    track = np.zeros(round(seconds * sample_rate))
    for step in range(int(seconds / step_seconds) + 1):
        begin = round(step * step_seconds * sample_rate)
        for name, chances in _DRUMS.items():
            plays, level_db = random.random() < chances[step % 16], random.uniform(-15.0, 0.0)
            if plays:
                part = track[begin : begin + len(sounds[name])]
                part += 10.0 ** (level_db / 20.0) * sounds[name][: len(part)]
    return at_peak(track, LOUDEST_DBFS)


def chord_progression(seconds: float, sample_rate: int, seed: int = 0) -> np.ndarray:
    """Return sustained chords of sawtooth waves that are limited to the band, with pauses.

    Args:
        seconds: length, s
        sample_rate: Hz
        seed: of the random numbers

    Returns:
        (1, samples), peak at -6 dBFS
    """
    random = np.random.default_rng(seed)
    track = np.zeros(round(seconds * sample_rate))
    slope = random.uniform(1.0, 2.0)  # of the spectrum: amplitudes fall with the harmonic's power
    position = 0
    while position < len(track):
        size = round(random.uniform(0.4, 2.0) * sample_rate)
        root_hz = _LOWEST_ROOT_HZ * 2.0 ** (int(random.integers(_ROOTS)) / 12.0)
        semitones = _CHORDS_SEMITONES[int(random.integers(len(_CHORDS_SEMITONES)))]
        envelope = _envelope(size, sample_rate, random) * 10.0 ** (random.uniform(-15.0, 0.0) / 20)
        if position == 0 or random.random() > 0.15:
            for above in semitones:
                tone = _saw(root_hz * 2.0 ** (above / 12.0), size, sample_rate, slope, random)
                part = track[position : position + size]
                part += (envelope * tone)[: len(part)]
        position += size
    return at_peak(track, LOUDEST_DBFS)


def _drum(name: str, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Return one stroke, (samples,), of a drum that is drawn."""
    times = np.arange(round(0.4 * sample_rate)) / sample_rate
    noise = random.standard_normal(len(times))
    if name == "kick":
        low_hz, high_hz = random.uniform(40.0, 70.0), random.uniform(120.0, 300.0)
        sweep = low_hz * times + (high_hz - low_hz) * 0.03 * -np.expm1(-times / 0.03)
        return np.sin(2.0 * np.pi * sweep) * np.exp(-times / random.uniform(0.06, 0.15))
    if name == "snare":
        tone = np.sin(2.0 * np.pi * random.uniform(150.0, 230.0) * times) * np.exp(-times / 0.05)
        return 0.6 * tone + 0.4 * noise * np.exp(-times / random.uniform(0.04, 0.1))
    bright = lfilter([1.0, -1.0], [1.0, 0.6], noise)
    return 0.3 * bright * np.exp(-times / random.uniform(0.015, 0.06))


def _envelope(size: int, sample_rate: int, random: np.random.Generator) -> np.ndarray:
    """Return an attack and a release, (samples,), silent at both ends."""
    attack, release = random.uniform(0.005, 0.15), random.uniform(0.05, 0.3)
    times = np.arange(size) / sample_rate
    return np.minimum(1.0, times / attack) * np.minimum(1.0, times[::-1] / release)


def _saw(
    frequency_hz: float,
    size: int,
    sample_rate: int,
    slope: float,
    random: np.random.Generator,
) -> np.ndarray:
    """Return a periodic wave, (size,), of all harmonics that the sample rate holds."""
    frequency_hz *= 2.0 ** (random.uniform(-5.0, 5.0) / 1200.0)  # a little out of tune
    highest = int(min(HIGHEST_SHARE_OF_RATE * sample_rate / frequency_hz, _MOST_HARMONICS))
    spectrum = np.zeros(2**_TABLE_BITS // 2 + 1, dtype=complex)
    spectrum[1 : highest + 1] = -1j * np.arange(1, highest + 1.0) ** -slope
    table = np.fft.irfft(spectrum, 2**_TABLE_BITS)
    # The phase is a 32-bit integer that overflows once a period; its upper bits choose the entry.
    step = np.uint32(round(frequency_hz / sample_rate * 2**32))
    phase = np.arange(size, dtype=np.uint32) * step + random.integers(2**32, dtype=np.uint32)
    return (table / np.abs(table).max())[phase >> np.uint32(32 - _TABLE_BITS)]
