"""Test signals that are reproducible from a seed.

All are float32 of shape (channels, samples); levels are relative to full scale (1.0).
"""

import numpy as np
from scipy.signal import lfilter

HIGHEST_SHARE_OF_RATE = 0.45  # the highest frequency of a sweep
LOUDEST_DBFS = -6.0

_TEMPO_BEATS_PER_MINUTE = 104.0
_LOWEST_NOTE_HZ = 82.41  # the low E of a guitar
_SCALE_SEMITONES = (0, 3, 5, 7, 10, 12, 15, 17, 19, 22, 24)  # minor pentatonic, two octaves
_SHORT_PERIOD_SAMPLES = 100
_NOTE_BEATS = (0.25, 0.5, 0.5, 0.5, 1.0, 1.0, 2.0)


def plucked_strings(seconds: float, sample_rate: int, seed: int = 0) -> np.ndarray:
    """Return a riff on plucked strings, with soft and loud notes, two-note chords and pauses.

    Args:
        seconds: length, s
        sample_rate: Hz
        seed: of the random numbers

    Returns:
        (1, samples), peak at -6 dBFS

    Source:
        K. Karplus and A. Strong, "Digital Synthesis of Plucked-String and Drum Timbres", Computer
        Music Journal 7(2), 1983: noise in a delay line with a two-point average. Here the loop
        has a fractional delay for its pitch, a loss per period, and the noise is low-passed more
        for softer notes.
    """
    random = np.random.default_rng(seed)
    length = _sample_count(seconds, sample_rate)
    riff = np.zeros(length)
    start_seconds, degree, pause_allowed = 0.0, 3, False
    while start_seconds < seconds:
        beats = random.choice(_NOTE_BEATS)
        step_seconds = beats * 60.0 / _TEMPO_BEATS_PER_MINUTE
        degree = int(np.clip(degree + random.integers(-3, 4), 0, len(_SCALE_SEMITONES) - 1))
        level_db = random.uniform(-18.0, 0.0)
        duration_seconds = step_seconds * random.choice((0.35, 1.0, 1.0, 1.6))
        draws_pause, doubled = random.random(2) < (0.15, 0.25)
        pauses = pause_allowed and draws_pause and beats <= 1.0
        if not pauses:
            for semitones in (0, 7) if doubled else (0,):
                frequency_hz = _LOWEST_NOTE_HZ * 2 ** ((_SCALE_SEMITONES[degree] + semitones) / 12)
                note = _pluck(frequency_hz, duration_seconds, level_db, sample_rate, random)
                begin = round(start_seconds * sample_rate)
                part = riff[begin : begin + len(note)]
                part += note[: len(part)]
        pause_allowed = not pauses  # never two in a row
        start_seconds += step_seconds
    return at_peak(riff, LOUDEST_DBFS)


def white_noise(
    seconds: float, sample_rate: int, seed: int = 0, level_dbfs: float = -14.0, channels: int = 1
) -> np.ndarray:
    """Return independent Gaussian noise in each channel at an exact root-mean-square level.

    Args:
        seconds: length, s
        sample_rate: Hz
        seed: of the random numbers
        level_dbfs: root mean square over all channels, dB relative to 1.0
        channels: their number

    Returns:
        (channels, samples)
    """
    random = np.random.default_rng(seed)
    noise = random.standard_normal((channels, _sample_count(seconds, sample_rate)))
    rms = np.sqrt(np.mean(noise**2))
    return (noise * (_amplitude(level_dbfs) / rms)).astype(np.float32)


def sine(
    seconds: float, sample_rate: int, frequency_hz: float = 1000.0, level_dbfs: float = -6.0
) -> np.ndarray:
    """Return a sine that starts at zero.

    Args:
        seconds: length, s
        sample_rate: Hz
        frequency_hz: Hz
        level_dbfs: peak, dB relative to 1.0

    Returns:
        (1, samples)
    """
    phase = 2 * np.pi * frequency_hz * _times_seconds(seconds, sample_rate)
    return _mono(_amplitude(level_dbfs) * np.sin(phase))


def sweep(
    seconds: float,
    sample_rate: int,
    start_hz: float = 20.0,
    end_hz: float = 20_000.0,
    level_dbfs: float = -6.0,
) -> np.ndarray:
    """Return an exponential sine sweep.

    Args:
        seconds: length, s
        sample_rate: Hz
        start_hz: first frequency, Hz
        end_hz: last frequency, Hz, limited to 0.45 of the sample rate
        level_dbfs: peak, dB relative to 1.0

    Returns:
        (1, samples)
    """
    octaves = np.log2(min(end_hz, HIGHEST_SHARE_OF_RATE * sample_rate) / start_hz)
    rate = octaves * np.log(2) / seconds
    phase = 2 * np.pi * start_hz * np.expm1(rate * _times_seconds(seconds, sample_rate)) / rate
    return _mono(_amplitude(level_dbfs) * np.sin(phase))


def impulse(
    seconds: float, sample_rate: int, position_seconds: float = 0.0, height: float = 1.0
) -> np.ndarray:
    """Return silence with one sample of `height` at `position_seconds`, of shape (1, samples)."""
    signal = np.zeros(_sample_count(seconds, sample_rate))
    signal[round(position_seconds * sample_rate)] = height
    return _mono(signal)


def click_track(
    seconds: float,
    sample_rate: int,
    clicks_per_minute: float = 120.0,
    level_dbfs: float = LOUDEST_DBFS,
) -> np.ndarray:
    """Return equal clicks at equal intervals, the first at the first sample.

    Args:
        seconds: length, s
        sample_rate: Hz
        clicks_per_minute: tempo
        level_dbfs: peak, dB relative to 1.0

    Returns:
        (1, samples); each click is a 2 kHz cosine that fades by 60 dB in 10 ms
    """
    length = _sample_count(seconds, sample_rate)
    times_seconds = _times_seconds(0.01, sample_rate)
    click = np.cos(2 * np.pi * 2000.0 * times_seconds) * 10 ** (-3.0 * times_seconds / 0.01)
    track = np.zeros(length)
    for start_seconds in np.arange(0.0, seconds, 60.0 / clicks_per_minute):
        begin = round(start_seconds * sample_rate)
        part = track[begin : begin + len(click)]
        part += click[: len(part)]
    return _mono(_amplitude(level_dbfs) * track)


def _pluck(
    frequency_hz: float,
    duration_seconds: float,
    level_db: float,
    sample_rate: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Return one note, (samples,), damped at its end."""
    damping_seconds = 0.02
    period = sample_rate / frequency_hz
    whole, fraction = divmod(period - 0.5, 1.0)  # the average below delays by half a sample
    delay = int(whole)
    # Noise as long as one period, darker when soft, with the comb of the plucking point.
    brightness = 0.25 + 0.7 * 10 ** (level_db / 20)
    burst = lfilter([brightness], [1.0, brightness - 1.0], random.uniform(-1.0, 1.0, delay))
    burst -= np.roll(burst, round(0.2 * period))
    length = round((duration_seconds + damping_seconds) * sample_rate)
    excitation = np.zeros(length)
    burst = burst[:length]
    excitation[: len(burst)] = burst / max(float(np.abs(burst).max()), 1e-9)
    loss = 10 ** (-3.0 / (frequency_hz * 4.0))  # -60 dB after four seconds
    loop = loss * np.convolve([0.5, 0.5], [1.0 - fraction, fraction])
    note = _string_loop(excitation, delay, loop)
    damped = round(damping_seconds * sample_rate)
    note[length - damped :] *= np.linspace(1.0, 0.0, damped)
    return note * 10 ** (level_db / 20)


def _string_loop(excitation: np.ndarray, delay: int, loop: np.ndarray) -> np.ndarray:
    """Return y[n] = x[n] + Σ loop[k] y[n − delay − k], (samples,).

    A whole period is computed at once, in the order of `scipy.signal.lfilter`, whose rounding it
    therefore has; for short periods that itself is faster.
    """
    if delay < _SHORT_PERIOD_SAMPLES:
        return lfilter([1.0], np.concatenate([[1.0], np.zeros(delay - 1), -loop]), excitation)
    behind = delay + len(loop) - 1
    output = np.zeros(behind + len(excitation))
    for start in range(0, len(excitation), delay):
        size = min(delay, len(excitation) - start)
        total = loop[-1] * output[start : start + size]
        for at, factor in enumerate(loop[-2::-1], start + 1):
            total += factor * output[at : at + size]
        output[behind + start : behind + start + size] = total + excitation[start : start + size]
    return output[behind:]


def _sample_count(seconds: float, sample_rate: int) -> int:
    """Return the whole number of samples nearest to a duration in s."""
    return round(seconds * sample_rate)


def _times_seconds(seconds: float, sample_rate: int) -> np.ndarray:
    """Return the time of each sample, (samples,), s."""
    return np.arange(_sample_count(seconds, sample_rate)) / sample_rate


def _amplitude(level_dbfs: float) -> float:
    """Return the factor of a level in dB."""
    return float(10 ** (level_dbfs / 20))


def at_peak(signal: np.ndarray, peak_dbfs: float) -> np.ndarray:
    """Return (samples,) as float32 of shape (1, samples) with its peak at a level."""
    return _mono(signal * (_amplitude(peak_dbfs) / max(float(np.abs(signal).max()), 1e-9)))


def _mono(signal: np.ndarray) -> np.ndarray:
    """Return (samples,) as float32 of shape (1, samples)."""
    return signal[np.newaxis].astype(np.float32)
