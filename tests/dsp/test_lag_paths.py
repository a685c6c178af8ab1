"""Delays that move as a sine does."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.dsp.lag_paths import lag_paths

RATE = 16_000


@pytest.mark.parametrize(
    ("dry", "hertz", "swing_ms", "centre_ms"),
    [
        (plucked_strings(5.0, RATE, seed=7)[0], 0.4, 2.5, 3.6),
        (plucked_strings(5.0, RATE, seed=7)[0], 1.3, 1.0, 7.6),
        (white_noise(5.0, RATE, seed=1)[0], 3.8, 4.0, 11.0),  # the pitch changes by a tenth
    ],
)
def test_a_path_is_found_among_other_rates(
    dry: np.ndarray, hertz: float, swing_ms: float, centre_ms: float
) -> None:
    """Neither tones of the recording nor a drive behind it are taken for paths."""
    time = np.arange(len(dry)) / RATE
    late = centre_ms + swing_ms * np.sin(2.0 * np.pi * hertz * time + 1.0 - np.pi)
    copy = np.interp(time - 1e-3 * late, time, dry)
    wet = np.tanh(5.0 * (0.7 * dry + 0.3 * copy))
    likely = (hertz + 0.01, 0.6 * hertz, 1.7 * hertz, 2.0 * hertz, 0.5 * hertz)
    first = lag_paths(np.float64(dry), wet, RATE, 0, likely)[0]
    assert first.rate_hz == pytest.approx(hertz, rel=3e-3)
    assert 1e3 * first.swing == pytest.approx(swing_ms, abs=0.05)
    assert 1e3 * first.centre == pytest.approx(centre_ms, abs=0.05)
    apart = (first.phase - 1.0 + np.pi) % (2.0 * np.pi) - np.pi
    assert apart == pytest.approx(0.0, abs=0.06)
