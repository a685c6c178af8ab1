"""What theory says of each effect, whatever pedalboard does."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.signals import impulse, sine
from fxchain.player import Asset, Playback
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect

RATE = 48_000


def play(kind: str, audio: Tensor | np.ndarray, **values: float) -> np.ndarray:
    """Play (channels, time) in float64."""
    primitive = REGISTRY[kind]
    row = torch.tensor([[values[spec.name] for spec in primitive.parameters]], dtype=torch.float64)
    signal = torch.as_tensor(audio, dtype=torch.float64)[None]
    return Effect(primitive).process(signal, Playback(float(RATE)), row)[0].numpy()


def level_db(kind: str, frequency_hz: float, **values: float) -> float:
    """Return the gain of a filter at a frequency, dB."""
    response = play(kind, impulse(2.0, RATE), **values)[0]
    phase = -2j * math.pi * frequency_hz * np.arange(len(response)) / RATE
    return 20.0 * math.log10(abs(np.sum(response * np.exp(phase))))


def harmonics_db(audio: np.ndarray, frequency_hz: float, count: int = 5) -> list[float]:
    """Return the levels of the harmonics of a whole number of periods, dB below the first."""
    spectrum = np.abs(np.fft.rfft(audio))
    at = round(frequency_hz * len(audio) / RATE)
    return [20 * math.log10(spectrum[n * at] / spectrum[at] + 1e-12) for n in range(1, count + 1)]


@pytest.mark.parametrize("frequency_hz", [40.0, 1_000.0, 10_000.0])
@pytest.mark.parametrize("kind", ["highpass_filter", "lowpass_filter"])
def test_a_first_order_filter_is_3_db_down_at_its_cutoff(kind: str, frequency_hz: float) -> None:
    level = level_db(kind, frequency_hz, cutoff_frequency_hz=frequency_hz)
    assert level == pytest.approx(-3.0103, abs=1e-3)


def test_a_first_order_filter_falls_by_6_db_per_octave() -> None:
    low = [level_db("lowpass_filter", f, cutoff_frequency_hz=50.0) for f in (800.0, 1_600.0)]
    high = [level_db("highpass_filter", f, cutoff_frequency_hz=9_000.0) for f in (100.0, 50.0)]
    assert low[1] - low[0] == pytest.approx(-6.02, abs=0.1)
    assert high[1] - high[0] == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize("gain_db", [-24.0, -6.0, 12.0])
@pytest.mark.parametrize("q", [0.3, 1.0, 8.0])
def test_a_peak_has_its_gain_at_its_centre_and_none_far_away(gain_db: float, q: float) -> None:
    values = {"cutoff_frequency_hz": 1_000.0, "gain_db": gain_db, "q": q}
    assert level_db("peak_filter", 1_000.0, **values) == pytest.approx(gain_db, abs=1e-6)
    for frequency_hz in (0.0, RATE / 2):
        assert level_db("peak_filter", frequency_hz, **values) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("gain_db", [-24.0, 9.0])
def test_a_shelf_has_its_gain_on_its_side_and_half_of_it_at_the_corner(gain_db: float) -> None:
    values = {"cutoff_frequency_hz": 1_000.0, "gain_db": gain_db, "q": 0.7}
    for kind, inside, outside in (
        ("low_shelf_filter", 0.0, RATE / 2),
        ("high_shelf_filter", RATE / 2, 0.0),
    ):
        assert level_db(kind, inside, **values) == pytest.approx(gain_db, abs=1e-6)
        assert level_db(kind, outside, **values) == pytest.approx(0.0, abs=1e-6)
        corner = level_db(kind, 1_000.0, **(values | {"q": math.sqrt(0.5)}))
        assert corner == pytest.approx(gain_db / 2, abs=1e-6)


def test_echoes_come_in_equal_distances_and_fall_by_the_feedback() -> None:
    values = {"delay_seconds": 100.5 / RATE, "feedback": 0.5, "mix": 0.4}
    response = play("delay", impulse(0.05, RATE), **values)[0]
    assert np.flatnonzero(np.abs(response) > 1e-6)[:4].tolist() == [0, 100, 200, 300]
    np.testing.assert_allclose(response[[0, 100, 200, 300]], [0.6, 0.4, 0.2, 0.1], atol=1e-6)


@pytest.mark.parametrize("over_db", [0.0, 6.0, 20.0])
@pytest.mark.parametrize("ratio", [1.0, 2.0, 20.0])
def test_a_compressor_lets_through_one_db_in_ratio(over_db: float, ratio: float) -> None:
    threshold_db = -30.0
    level = 10 ** ((threshold_db + over_db) / 20)
    made = play(
        "compressor", np.full((1, RATE), level),
        threshold_db=threshold_db, ratio=ratio, attack_ms=1.0, release_ms=10.0,
    )  # fmt: skip
    expected = threshold_db + over_db / ratio
    assert 20 * math.log10(made[0, -1]) == pytest.approx(expected, abs=1e-6)


def test_attack_and_release_last_as_long_as_they_say() -> None:
    """The way left after the time is exp(−2π) of the whole."""
    values = {"threshold_db": -60.0, "ratio": 2.0, "attack_ms": 20.0, "release_ms": 50.0}
    loud, soft = 1.0, 0.5
    audio = np.concatenate([np.full(RATE, loud), np.full(RATE, soft)])[None]
    gain = (play("compressor", audio, **values) / audio)[0]
    envelope = gain**-2.0 * 1e-3  # gain = (envelope / threshold)^(1/2 − 1)
    rising, falling = envelope[round(0.02 * RATE) - 1], envelope[RATE + round(0.05 * RATE) - 1]
    assert 1.0 - rising / loud == pytest.approx(math.exp(-2 * math.pi), rel=1e-6)
    assert (falling - soft) / (loud - soft) == pytest.approx(math.exp(-2 * math.pi), rel=1e-6)


def test_a_compressor_leaves_alone_what_is_below_its_threshold() -> None:
    audio = sine(0.2, RATE, level_dbfs=-31.0)
    made = play("compressor", audio, threshold_db=-30.0, ratio=20.0, attack_ms=1.0, release_ms=5.0)
    np.testing.assert_array_equal(made, audio)


@pytest.mark.parametrize("kind", ["distortion", "clipping"])
def test_an_odd_function_makes_no_even_harmonics(kind: str) -> None:
    audio = sine(0.1, RATE, frequency_hz=480.0)
    values = {"drive_db": 20.0} if kind == "distortion" else {"threshold_db": -20.0}
    made = play(kind, audio, **values)
    np.testing.assert_allclose(play(kind, -audio, **values), -made)
    first, second, third, fourth, fifth = harmonics_db(made[0], 480.0)
    assert max(second, fourth) < -110.0
    assert min(first, third, fifth) > -30.0


def test_a_biased_waveshaper_makes_even_harmonics_and_keeps_silence() -> None:
    audio = sine(0.1, RATE, frequency_hz=480.0)
    values = {"drive_db": 6.0, "bias": 0.5}
    assert harmonics_db(play("waveshaper", audio, **values)[0], 480.0)[1] > -30.0
    assert not play("waveshaper", np.zeros((1, 100)), **values).any()


def test_a_waveshaper_without_bias_is_a_distortion() -> None:
    audio = sine(0.1, RATE)
    shaped = play("waveshaper", audio, drive_db=12.0, bias=0.0)
    np.testing.assert_allclose(shaped, play("distortion", audio, drive_db=12.0), atol=1e-12)


def test_clipping_stops_at_its_threshold() -> None:
    made = play("clipping", sine(0.1, RATE, level_dbfs=0.0), threshold_db=-12.0)
    assert np.abs(made).max() == pytest.approx(10 ** (-12.0 / 20), rel=1e-12)


def test_gain_and_invert() -> None:
    audio = sine(0.1, RATE)
    np.testing.assert_allclose(play("gain", audio, gain_db=6.0), audio * 10 ** (6 / 20))
    np.testing.assert_array_equal(play("invert", audio), -audio)


def test_a_convolution_without_dry_signal_has_the_shape_of_its_response() -> None:
    """pedalboard scales it to an energy of 1/64."""
    response = np.array([[0.0, 1.0, -2.0, 0.5]], dtype=np.float32)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": Asset(response, RATE)})
    audio = torch.from_numpy(impulse(0.01, RATE))[None].double()
    made = effect.process(audio, Playback(float(RATE)), torch.tensor([[1.0]], dtype=torch.float64))
    expected = 0.125 * response[0] / np.linalg.norm(response)
    np.testing.assert_allclose(made[0, 0, :4].numpy(), expected, atol=1e-7)


def beside_its_copy(
    kind: str, dry: float, copy: float, assets: dict, **values: float
) -> np.ndarray:
    """Return the response, (RATE,), of an effect that adds a copy to the dry, at levels."""
    primitive = REGISTRY[kind]
    responses = np.zeros((1, 2 * round(0.012 * RATE)), np.float32)
    responses[0, [0, responses.shape[1] // 2]] = dry, copy
    effect = Effect(primitive, {**assets, "responses": Asset(responses, RATE)})
    named = {spec.name: spec.default for spec in primitive.parameters} | values
    first = torch.zeros(1, 1, RATE, dtype=torch.float64)
    first[..., 0] = 1.0
    at = torch.tensor([list(named.values())], dtype=torch.float64)
    return effect.process(first, Playback(RATE), at)[0, 0].numpy()


@pytest.mark.parametrize(("feedback", "samples"), [(0.6, 44), (-0.9, 7), (0.8, 0.25)])
def test_a_delay_that_stands_still_is_a_comb(feedback: float, samples: float) -> None:
    """The response is that of a comb with a low-pass and a high-pass in its loop."""
    table = np.array([[1e3 * samples / RATE] * 2 + [0.0] * 2], np.float32)
    around = {"loop_highpass_hz": 1.0, "loop_lowpass_hz": 20_000.0}
    assets = {"delays": Asset(table, RATE)}
    made = beside_its_copy("modulated_delay", 0.0, 1.0, assets, feedback=feedback, **around)
    turns = np.exp(-2j * np.pi * np.fft.rfftfreq(RATE))
    whole = int(samples)
    late = turns**whole * (1.0 - (samples - whole) * (1.0 - turns))
    low, high = (math.tan(math.pi * min(hertz, 0.45 * RATE) / RATE) for hertz in (20_000.0, 1.0))
    behind = low * (1.0 + turns) / ((1.0 + low) - (1.0 - low) * turns)
    behind *= (1.0 - turns) / ((1.0 + high) - (1.0 - high) * turns)
    wanted = late / (1.0 + feedback * late * behind)
    np.testing.assert_allclose(np.fft.rfft(made)[20:], wanted[20:], atol=2e-3)


def test_equal_all_passes_that_stand_still_have_their_notches() -> None:
    """Four all-passes turn by 180° where 4·2·atan(f/f₀) is, and beside the dry nothing is left."""
    corner_hz, still = 1_000.0, Asset(np.zeros((1, 4), np.float32), RATE)
    assets = {"corners": still, "stages": still}
    made = beside_its_copy("modulated_allpass", 0.5, 0.5, assets)
    level = np.abs(np.fft.rfft(made))
    turned = math.tan(math.pi * corner_hz / RATE)  # of the bilinear transform
    for eighths in (1, 3):
        notch_hz = RATE / math.pi * math.atan(turned * math.tan(eighths * math.pi / 8.0))
        assert level[round(notch_hz)] < 5e-3
    assert level[1] == pytest.approx(1.0, abs=1e-3)
