"""Echo times in closed form, by deconvolution."""

import numpy as np
import scipy.fft

#: Echoes are looked for after this long, s; before it lie the filters' own responses.
EARLIEST_ECHO_SECONDS = 0.03
LATEST_ECHO_SECONDS = 2.0


def echo_times(
    dry: np.ndarray, wet: np.ndarray, sample_rate: int, count: int = 4
) -> list[tuple[int, float]]:
    """Find where the wet repeats the dry.

    Args:
        dry: (channels, samples)
        wet: (channels, samples)
        sample_rate: Hz
        count: how many times to return

    Returns:
        (delay in samples, height against the direct sound), highest first, two milliseconds
        apart at least

    Source:
        regularised deconvolution, H = Y·conj(X) / (|X|² + 10⁻³·mean), finds the echoes; filters
        move its peaks by their group delay. The autocorrelation irfft(|H|²) compares an echo with
        the direct sound through the same filters, so its peak next to each lies on the sample.
    """
    n_fft = scipy.fft.next_fast_len(2 * dry.shape[-1], real=True)
    spectrum = scipy.fft.rfft(dry.mean(axis=0), n_fft)
    power = np.abs(spectrum) ** 2
    cross = scipy.fft.rfft(wet.mean(axis=0), n_fft) * spectrum.conj()
    transfer = cross / (power + 1e-3 * power.mean() + 1e-20)
    response = np.abs(scipy.fft.irfft(transfer, n_fft))
    repetition = scipy.fft.irfft(np.abs(transfer) ** 2, n_fft)
    earliest = round(EARLIEST_ECHO_SECONDS * sample_rate)
    direct = max(float(response[:earliest].max()), 1e-20)
    response[:earliest] = 0.0
    latest = min(round(LATEST_ECHO_SECONDS * sample_rate), dry.shape[-1])
    response = response[:latest]
    apart = max(sample_rate // 500, 1)
    found: list[tuple[int, float]] = []
    for _ in range(count):
        peak = int(np.argmax(response)) if len(response) else 0
        if not len(response) or response[peak] <= 0.0:
            break
        near = max(0, peak - apart)
        exact = near + int(np.argmax(repetition[near : peak + apart + 1]))
        found.append((exact, float(response[peak]) / direct))
        response[max(0, peak - apart) : peak + apart + 1] = 0.0
    return found
