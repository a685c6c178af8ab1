"""Strange effects are recognised as such, unrelated recordings are not."""

import numpy as np
import pytest
import scipy.signal

from fxchain.alignment.relatedness import relatedness
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.recordings.pair_check import LEAST_COHERENCE, LEAST_PATTERN, WIDER_DB

RATE = 16_000


def strings(seed: int = 0) -> np.ndarray:
    return plucked_strings(5.0, RATE, seed)


def seconds(audio: np.ndarray) -> np.ndarray:
    return np.arange(audio.shape[1]) / RATE


def shifted_in_pitch(dry: np.ndarray) -> np.ndarray:
    """Every component 120 Hz higher: nothing stays coherent."""
    spectrum = np.fft.fft(dry[0])
    spectrum[len(spectrum) // 2 :] = 0
    analytic = 2.0 * np.fft.ifft(spectrum)
    return (analytic * np.exp(2j * np.pi * 120.0 * seconds(dry))).real[None].astype(np.float32)


def long_room(dry: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(3)
    room = rng.standard_normal(RATE) * np.geomspace(1.0, 1e-3, RATE)
    return scipy.signal.fftconvolve(dry[0], room)[: dry.shape[1]][None].astype(np.float32)


STRANGE = {
    "ring modulator": lambda dry: dry * np.sin(2 * np.pi * 313.0 * seconds(dry)),
    "frequency shifter": shifted_in_pitch,
    "tremolo": lambda dry: dry * (0.5 + 0.5 * np.sin(2 * np.pi * 6.0 * seconds(dry))),
    "octave fuzz": lambda dry: np.abs(np.tanh(40.0 * dry)) - 0.5,
    "square wave": lambda dry: np.sign(dry) * (np.abs(dry) > 1e-3),
    "nothing but a room": long_room,
    "upside down": lambda dry: -0.01 * dry,
}


@pytest.mark.parametrize("effect", STRANGE.values(), ids=STRANGE)
def test_a_strange_effect_is_kin(effect):
    dry = strings()
    found = relatedness(dry, effect(dry).astype(np.float32), RATE, 0)
    assert found.coherence >= LEAST_COHERENCE or found.pattern >= LEAST_PATTERN


UNRELATED = {
    "two riffs": (strings(0), strings(5)),
    "strings and noise": (strings(0), white_noise(5.0, RATE)),
    "two noises": (white_noise(5.0, RATE, 1), white_noise(5.0, RATE, 2)),
    "backwards": (strings(0), np.ascontiguousarray(strings(0)[:, ::-1])),
}


@pytest.mark.parametrize("pair", UNRELATED.values(), ids=UNRELATED)
def test_unrelated_recordings_are_not(pair):
    found = relatedness(*pair, RATE, 0)
    assert found.coherence < LEAST_COHERENCE and found.pattern < LEAST_PATTERN


def test_noise_through_a_room_is_kin():
    dry = white_noise(5.0, RATE)
    found = relatedness(dry, long_room(dry), RATE, 0)
    assert found.coherence >= LEAST_COHERENCE or found.pattern >= LEAST_PATTERN


def test_a_drive_makes_levels_narrower():
    dry = strings()
    wet = np.tanh(200.0 * dry)
    assert relatedness(dry, wet, RATE, 0).spread_db < -WIDER_DB
    assert relatedness(wet, dry, RATE, 0).spread_db > WIDER_DB


def test_two_channels():
    dry = np.concatenate([strings(0), strings(1)])
    found = relatedness(dry, -0.5 * dry, RATE, 0)
    assert found.coherence > 0.99 and found.pattern == pytest.approx(1.0)


@pytest.mark.parametrize(("lag", "length"), [(0, 0.2), (79_000, 5.0), (-79_000, 5.0)])
def test_too_little_in_common_to_tell(lag, length):
    dry = white_noise(length, RATE)
    assert relatedness(dry, dry, RATE, lag) is None


def test_silence_in_common_tells_nothing():
    dry = white_noise(2.0, RATE)
    assert relatedness(dry, 0.0 * dry, RATE, 0) is None
