"""Polarity behind filters that turn phases, and where the sharpest peak is not the direct sound."""

import numpy as np
import pytest
import scipy.signal

from benchmarks.recorded_pairs import read_sources
from fxchain.alignment.align import align
from fxchain.alignment.lag import respond
from fxchain.alignment.polarity import votes
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.files.audio_input import read_audio, to_channels
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.stage import Chain, Effect

RATE = 44_100


def sounding(seed: int = 0) -> np.ndarray:
    """Plucked strings with a little hiss, (1, samples)."""
    strings = plucked_strings(6.0, RATE, seed=seed)
    return strings + 1e-3 * white_noise(6.0, RATE, seed=seed)


def steep_treble(audio: np.ndarray) -> np.ndarray:
    """Return it with the treble lifted twice: the sample before the direct one rises against it."""
    lifted = scipy.signal.lfilter([1.0, -0.9], [1.0], audio)
    return np.asarray(scipy.signal.lfilter([1.0, -0.8], [1.0], lifted), np.float32)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "turned",
    [
        pytest.param(lambda audio: audio, id="nothing"),
        pytest.param(steep_treble, id="treble lifted"),
        pytest.param(
            lambda audio: scipy.signal.sosfilt(
                scipy.signal.butter(2, 400.0, "high", fs=RATE, output="sos"), audio
            ),
            id="bass cut",
        ),
        pytest.param(
            lambda audio: scipy.signal.sosfilt(
                scipy.signal.butter(4, 900.0, "low", fs=RATE, output="sos"), audio
            ),
            id="treble cut",
        ),
    ],
)
def test_filters_of_minimum_phase_do_not_turn_the_vote(sign, turned):
    dry = sounding()
    wet = (sign * turned(dry)).astype(np.float32)
    assert sign * votes(dry, wet, RATE, 0) > 0.3


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("late", [0, 700])
def test_a_peak_beside_the_direct_sound_is_outvoted(sign, late):
    """Where the treble comes late and upside down, its peak is the sharpest, but not the sound."""
    dry = sounding(3)
    low = scipy.signal.sosfilt(scipy.signal.butter(1, 3_000.0, "low", fs=RATE, output="sos"), dry)
    wet = (sign * np.roll(0.3 * dry + low - 0.45 * np.roll(dry, 1), late)).astype(np.float32)
    found = align(dry, wet, RATE)
    assert found.polarity == sign
    assert abs(found.latency_samples - late) <= 3


def test_a_treble_that_is_turned_does_not_outweigh_the_rest(data_folder):
    """Behind this chain a piano's sharpest peak is upside down, and a sample early."""
    source = next(each for each in read_sources(data_folder, "dry", "piano"))
    audio = to_channels(read_audio(source.file), 1)
    dry = audio.samples[:, : 10 * audio.sample_rate]
    bands = [
        ("low_shelf_filter", 5_154.1, 6.93, 2.18),
        ("peak_filter", 48.1, -8.1, 0.704),
        ("peak_filter", 5_916.0, 8.12, 1.19),
        ("peak_filter", 3_523.1, -3.07, 2.5),
        ("high_shelf_filter", 4_219.2, -7.69, 3.63),
        ("peak_filter", 10_100.6, 8.73, 3.09),
        ("high_shelf_filter", 9_596.3, -7.46, 0.72),
    ]
    chain = Chain(tuple(Effect(get_primitive(kind)) for kind, *_ in bands))
    values = np.array([value for band in bands for value in band[1:]])
    wet = render(Preset(chain, values, audio.sample_rate), dry, audio.sample_rate)
    response = respond(dry, wet, audio.sample_rate)
    assert response.height[response.peak_near(0, 5)] < 0.0  # what is to be outvoted
    found = align(dry, wet, audio.sample_rate)
    assert (found.latency_samples, found.polarity) == (0, 1)


def test_nothing_in_common_is_no_vote():
    assert abs(votes(white_noise(1.0, RATE, seed=1), white_noise(1.0, RATE, seed=2), RATE, 0)) < 0.7
