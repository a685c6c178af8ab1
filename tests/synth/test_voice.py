"""What a voice sounds like, in numpy and torch."""

import numpy as np
import pytest
import torch

from fxchain.notes.note import Note
from fxchain.synth.patch import Patch
from fxchain.synth.sources import SOURCES
from fxchain.synth.voice.envelope import envelope
from fxchain.synth.voice.low_pass import low_pass
from fxchain.synth.voice.oscillator import Oscillator, Voice
from fxchain.synth.voice.playing import play_voice
from tests.synth.moving import MOVING
from tests.synth.nodes import node

RATE = 44_100
#: A steady tone: no attack to speak of, no decay, no filter below 16 kHz.
STEADY = {"amp_attack_ms": 1.0, "amp_sustain": 1.0, "cutoff_frequency_hz": 16_000.0}
NOTES = (Note(0.0, 0.2, 45.0, 1.0), Note(0.1, 0.25, 64.5, 0.4))


def patch(kind, octave=0, **controls):
    return Patch.model_validate({"sources": [node(kind, octave=octave)], "controls": controls})


def as_tensors(voice):
    def tensor(value):
        return torch.tensor(float(value), dtype=torch.float64)

    return Voice(
        tuple(
            Oscillator(
                each.coefficients,
                each.octave,
                tensor(each.weight),
                {name: tensor(value) for name, value in each.values.items()},
            )
            for each in voice.oscillators
        ),
        {name: tensor(value) for name, value in voice.controls.items()},
        voice.noise_seed,
    )


def decibels(difference, signal):
    return 10.0 * np.log10(np.square(difference).sum() / np.square(signal).sum() + 1e-40)


@pytest.mark.parametrize("octave", [-1, 0, 1])
@pytest.mark.parametrize("kind", SOURCES)
def test_torch_and_numpy_play_the_same(kind, octave):
    voice = patch(kind, octave, **MOVING).voice
    played = play_voice(np, voice, NOTES, RATE)
    twin = play_voice(torch, as_tensors(voice), NOTES, RATE).numpy()
    assert np.abs(played).max() > 1e-3
    assert decibels(played - twin, played) < -100.0


@pytest.mark.parametrize("kind", [kind for kind, each in SOURCES.items() if each.coefficients])
def test_a_source_sounds_as_its_fourier_series(kind):
    hertz = 440.0
    voice = patch(kind, **STEADY).voice
    played = play_voice(np, voice, (Note(0.0, 1.0, 69.0, 1.0),), RATE, RATE)
    times = np.arange(RATE) / RATE
    numbers = np.arange(1.0, 41.0)
    (source,) = voice.oscillators
    series = source.coefficients(np, numbers, **source.values)
    series = series * low_pass(numbers * hertz, 16_000.0, 0.7)
    inside = numbers * hertz < 0.4 * RATE
    waves = np.exp(2.0j * np.pi * hertz * numbers[inside][:, None] * times)
    expected = (series[inside][:, None] * waves).real.sum(axis=0)
    settled = slice(RATE // 10, None)
    # what lies between 0.40 and 0.45 of the sample rate fades out, and is not in the sum
    assert decibels((played - expected)[settled], expected[settled]) < -30.0


def test_an_octave_halves_and_doubles_the_frequency():
    def peak_hz(octave):
        voice = patch("sine", octave, **STEADY).voice
        played = play_voice(np, voice, (Note(0.0, 1.0, 69.0, 1.0),), RATE, RATE)
        return int(np.argmax(np.abs(np.fft.rfft(played))))

    assert [peak_hz(octave) for octave in (-1, 0, 1)] == [220, 440, 880]


def test_nothing_is_heard_above_the_nyquist_frequency_as_an_alias():
    voice = patch("saw", **STEADY).voice
    played = play_voice(np, voice, (Note(0.0, 1.0, 96.37, 1.0),), RATE, RATE)
    hertz = 440.0 * 2.0 ** ((96.37 - 69.0) / 12.0)
    spectrum = np.abs(np.fft.rfft(played * np.blackman(RATE)))
    frequencies = np.arange(len(spectrum))
    away = np.abs(frequencies / hertz - np.round(frequencies / hertz)) * hertz
    assert 20.0 * np.log10(spectrum[away > 200.0].max() / spectrum.max()) < -50.0


def test_the_low_pass_has_its_q_at_the_cutoff_and_falls_by_12_db_an_octave():
    assert abs(low_pass(1_000.0, 1_000.0, 3.0)) == pytest.approx(3.0)
    assert abs(low_pass(1.0, 1_000.0, 3.0)) == pytest.approx(1.0, abs=1e-4)
    ratio = abs(low_pass(64_000.0, 1_000.0, 1.0)) / abs(low_pass(32_000.0, 1_000.0, 1.0))
    assert 20.0 * np.log10(ratio) == pytest.approx(-12.04, abs=0.05)


def test_the_envelope_attacks_decays_sustains_and_releases():
    controls = {"a_attack_ms": 10.0, "a_decay_ms": 50.0, "a_sustain": 0.5, "a_release_ms": 20.0}
    times = np.array([0.0, 0.005, 0.01, 0.06, 0.99, 1.0, 1.02])
    found = envelope(np, times, 1.0, controls, "a")
    expected = [0.0, 0.5, 1.0, 0.5 + 0.5 / np.e, 0.5, 0.5, 0.5 / np.e]
    assert found == pytest.approx(expected, abs=1e-6)


def test_vibrato_moves_the_pitch_by_its_depth():
    voice = patch("sine", vibrato_depth_cents=100.0, vibrato_rate_hz=2.0, **STEADY).voice
    played = play_voice(np, voice, (Note(0.0, 1.0, 69.0, 1.0),), RATE, RATE)
    before = np.flatnonzero((played[:-1] < 0.0) & (played[1:] >= 0.0))[5:]
    crossings = before + played[before] / (played[before] - played[before + 1])
    hertz = RATE / np.diff(crossings)
    assert 1200.0 * np.log2(hertz.max() / 440.0) == pytest.approx(97.2, abs=1.0)
    assert 1200.0 * np.log2(hertz.min() / 440.0) == pytest.approx(-103.0, abs=1.0)


def test_velocity_and_a_note_of_noise_of_its_own():
    voice = patch("noise", velocity_to_level=1.0).voice
    loud = play_voice(np, voice, (Note(0.0, 0.2, 60.0, 1.0),), RATE)
    soft = play_voice(np, voice, (Note(0.0, 0.2, 60.0, 0.25),), RATE)
    assert decibels(soft, loud) == pytest.approx(20.0 * np.log10(0.25), abs=1e-6)
    two = play_voice(np, voice, (Note(0.0, 0.2, 60.0, 1.0), Note(1.0, 0.2, 60.0, 1.0)), RATE)
    first, second = two[: RATE // 5], two[RATE : RATE + RATE // 5]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1


def test_noise_is_as_loud_in_a_band_at_any_sample_rate():
    """The search plays at half the rate of the recording."""
    voice, notes = patch("noise", cutoff_frequency_hz=2_000.0).voice, (Note(0.0, 1.5, 60.0, 1.0),)
    levels = []
    for rate in (RATE // 2, RATE, 96_000):
        played = play_voice(np, voice, notes, rate, rate)
        power = np.square(np.abs(np.fft.rfft(played))) / rate**2
        levels.append(10.0 * np.log10(power[200:4_000].sum()))
    assert levels == pytest.approx([levels[1]] * 3, abs=0.5)
