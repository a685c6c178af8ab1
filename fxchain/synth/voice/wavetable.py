"""A changing spectrum played as a changing wavetable."""

from typing import Any

from fxchain.synth.voice.oscillator import detached


def table_length(harmonics: int) -> int:
    """Return the length of a table for so many harmonics: at least four samples to the highest."""
    return int(2 ** max(8, (4 * harmonics - 1).bit_length()))


def tables(xp: Any, spectra: Any) -> Any:
    """Return one period for each spectrum, (times, length), from (times, harmonics)."""
    count = spectra.shape[1]
    length = table_length(count)
    padded = xp.zeros((spectra.shape[0], length // 2 + 1), dtype=xp.complex128)
    padded[:, 1 : count + 1] = 0.5 * length * spectra
    return xp.fft.irfft(padded)


def read_tables(xp: Any, periods: Any, frames: Any, phases: Any) -> Any:
    """Return what a reader hears that moves through periods and from period to period.

    Args:
        xp: numpy or torch
        periods: (times, length), of which the length is a power of two
        frames: (samples,) position among the times, from 0 to times − 1, fractional
        phases: (samples,) position in the period, in periods, of any size

    Returns:
        (samples,): cubic (Lagrange) along the period, linear from one to the next
    """
    count, length = periods.shape
    at = phases * length
    whole = xp.floor(detached(at))
    part = at - whole
    before = xp.clip(xp.floor(frames), 0, max(count - 2, 0))
    blend = frames - before
    row = xp.asarray(before, dtype=xp.int64) * length
    base = xp.asarray(whole, dtype=xp.int64)
    flat = periods.reshape(-1)
    following = periods[1:].reshape(-1) if count > 1 else flat
    rest = 1.0 - blend
    before_it, behind_it, second = part + 1.0, part - 1.0, part - 2.0
    kernel = (
        -part * behind_it * second / 6.0,
        before_it * behind_it * second / 2.0,
        -before_it * part * second / 2.0,
        before_it * part * behind_it / 6.0,
    )
    heard = 0.0
    for offset, factor in enumerate(kernel):
        entry = row + ((base + (offset - 1)) & (length - 1))
        heard = heard + factor * (rest * flat[entry] + blend * following[entry])
    return heard
