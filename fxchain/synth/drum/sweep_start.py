"""Sweep, bands and decays of a drum in closed form."""

import numpy as np

#: Time constants of the sweep that are tried, s.
SWEEPS_SECONDS = np.geomspace(1e-3, 0.3, 60)
#: The phase is looked at below these frequencies, Hz.
CUTS_HZ = (110.0, 250.0, 700.0, 2_000.0)
#: Levels count down to this share of the largest (−30 dB).
_FLOOR = 0.03


def measured_sweep(samples: np.ndarray, sample_rate: float, cut_hz: float) -> dict[str, float]:
    """Return the controls of the swept sine that is heard below a frequency.

    The phase of the analytic signal is a + b·t + c·(1 − exp(−t/τ)) in a sweep; a, b, c follow by
    least squares weighted by the power, for each τ of a grid.

    Args:
        samples: (samples,) from the hit on
        sample_rate: Hz
        cut_hz: see above
    """
    low = band(samples, sample_rate, 0.0, cut_hz, analytic=True)
    level = np.abs(low)
    used = slice(0, int(np.flatnonzero(level > _FLOOR * level.max())[-1]) + 1)
    step = max(len(level[used]) // 2_000, 1)
    phase = np.unwrap(np.angle(low[used]))[::step]
    weight = level[used][::step]
    times = np.arange(len(phase)) * step / sample_rate
    best: tuple[float, float, float, float] = (np.inf, 100.0, 50.0, 0.03)
    for sweep in SWEEPS_SECONDS:
        columns = np.stack([np.ones_like(times), times, 1.0 - np.exp(-times / sweep)], axis=1)
        found = np.linalg.lstsq(columns * weight[:, None], phase * weight, rcond=None)[0]
        error = float(np.square((columns @ found - phase) * weight).sum())
        end = found[1] / (2.0 * np.pi)
        start = end + found[2] / (2.0 * np.pi * sweep)
        if error < best[0] and 0.0 < end < start:
            best = (error, start, end, float(sweep))
    return {
        "start_frequency_hz": float(best[1]),
        "end_frequency_hz": float(best[2]),
        "sweep_ms": 1e3 * best[3],
        "decay_ms": measured_decay_ms(level, sample_rate),
    }


def measured_noise(
    samples: np.ndarray, sample_rate: float, lowest_hz: float, highest_hz: float
) -> dict[str, float]:
    """Return the controls of the burst of noise that is heard between two frequencies.

    The centre is the centroid of the power over the logarithm of frequency, the bandwidth follows
    from its deviation, the decay from the level.
    """
    part = band(samples, sample_rate, lowest_hz, highest_hz)
    power = np.abs(np.fft.rfft(part)) ** 2
    frequencies = np.fft.rfftfreq(len(part), 1.0 / sample_rate)
    inside = (frequencies >= lowest_hz) & (frequencies <= highest_hz)
    octaves, share = np.log2(frequencies[inside]), power[inside] + 1e-30
    # evenly over octaves
    share = share / frequencies[inside]
    centre = float(np.average(octaves, weights=share))
    wide = float(np.sqrt(np.average((octaves - centre) ** 2, weights=share)))
    level = np.abs(band(samples, sample_rate, lowest_hz, highest_hz, analytic=True))
    return {
        "centre_frequency_hz": 2.0**centre,
        "bandwidth": 2.0 * float(np.sinh(np.log(2.0) * max(wide, 0.1))),
        "decay_ms": measured_decay_ms(level, sample_rate),
    }


def measured_decay_ms(level: np.ndarray, sample_rate: float) -> float:
    """Return the time constant of a level that decays exponentially, ms.

    The moment of the power: ∫ t·p/∫ p = τ/2 for p = exp(−2t/τ).
    """
    power = np.square(level)
    times = np.arange(len(level)) / sample_rate
    return float(2e3 * (times * power).sum() / (power.sum() + 1e-30))


def band(
    samples: np.ndarray,
    sample_rate: float,
    lowest_hz: float,
    highest_hz: float,
    analytic: bool = False,
) -> np.ndarray:
    """Return samples between two frequencies, with zeros behind them so that nothing wraps."""
    length = 2 ** int(np.ceil(np.log2(2 * len(samples))))
    transform = np.fft.fft(samples, length)
    frequencies = np.fft.fftfreq(length, 1.0 / sample_rate)
    away = np.abs(frequencies)
    gain = 1.0 / np.sqrt(1.0 + (away / highest_hz) ** 8)
    if lowest_hz > 0.0:
        gain *= 1.0 - 1.0 / np.sqrt(1.0 + (away / lowest_hz) ** 8)
    if analytic:
        gain = gain * (1.0 + np.sign(frequencies))
    found = np.fft.ifft(transform * gain)[: len(samples)]
    return found if analytic else found.real
