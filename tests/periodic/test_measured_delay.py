"""Delays that move, measured from a dry and a wet recording."""

import numpy as np
import pytest
from scipy.signal import lfilter, resample_poly

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import plucked_strings
from fxchain.periodic.colours import colour_moments
from fxchain.periodic.measured_delay import MeasuredDelay, measure_delay
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.periodic.swings import find_swings
from fxchain.player import Playback
from fxchain.primitives import get_primitive

RATE = 16_000
DRY = np.concatenate([plucked_strings(2.5, RATE, seed) for seed in (1, 2)], axis=1)


def flanged(*rates_hz: float) -> np.ndarray:
    """Return the dry beside a filtered copy; its delay rises fast and falls slowly, as no sine."""
    time = np.arange(DRY.shape[1]) / RATE
    late = np.full(len(time), 4.0e-3)
    for number, hertz in enumerate(rates_hz):
        turn = (hertz * time + 0.3) % 1.0
        shape = np.where(turn < 0.3, turn / 0.3, (1.0 - turn) / 0.7)
        late += (2.0e-3 if number == 0 else 0.6e-3) * (shape - 0.5)
    places = np.arange(len(time)) - RATE * late
    copy = np.interp(places, np.arange(len(time)), DRY[0])
    wet = lfilter([0.6, 0.1], [1.0], DRY[0]) + lfilter([0.5], [1.0, -0.3], copy)
    return wet[None].astype(np.float32)


def played(found: MeasuredDelay, dry: np.ndarray = DRY) -> np.ndarray:
    """Return what the effect makes of a dry."""
    effect = get_primitive("modulated_delay")
    assert effect.render is not None
    values = {spec.name: spec.default for spec in effect.parameters}
    rates = dict(zip(("rate_hz", "second_rate_hz"), found.rates_hz, strict=False))
    playback = Playback(RATE, assets={"delays": found.delays, "responses": found.responses})
    return effect.render(dry, playback, **values | rates | found.values)


@pytest.mark.parametrize("rates_hz", [(0.7,), (2.3, 0.45)])
def test_oscillators_of_any_shape_are_found(rates_hz: tuple[float, ...]) -> None:
    wet, split, first = flanged(*rates_hz), round(0.8 * DRY.shape[1]), 700
    part = AlignedAudio(DRY[:, first:split], wet[:, first:split], 100)
    found = measure_delay(part, RATE, first_sample=first)
    assert found is not None
    assert found.rates_hz == pytest.approx(rates_hz, rel=0.01)
    assert found.checked < 0.02 < 0.1 < found.constant
    assert not found.values  # nothing is fed back
    made = played(found)
    for span in (slice(first + 1_000, split), slice(split, None)):
        rest = wet[:, span] - made[:, span]
        assert np.sum(rest**2) < 0.03 * np.sum(wet[:, span] ** 2)


@pytest.mark.parametrize("feedback", [0.6, -0.75])
def test_feedback_is_found_with_its_filters(feedback: float) -> None:
    """The loop is another: at three times the rate, a sample late, behind filters of its own."""
    rate = 3 * RATE
    fast = resample_poly(DRY[0].astype(np.float64), 3, 1)
    late = rate * (2.5e-3 + 1e-3 * np.sin(2.0 * np.pi * 0.8 * np.arange(len(fast)) / rate))
    line, high, low, last = np.zeros(len(fast)), 0.0, 0.0, 0.0
    copy = np.zeros(len(fast))
    for t in range(len(fast)):
        line[t] = fast[t] - feedback * last
        near = t - late[t]
        before = int(np.floor(near))
        if before >= 0:
            copy[t] = line[before] + (near - before) * (line[before + 1] - line[before])
        low += 0.35 * (copy[t] - low)
        high += 0.02 * (low - high)
        last = low - high
    wet = resample_poly(0.5 * fast + 0.5 * copy, 1, 3)[None, : DRY.shape[1]].astype(np.float32)
    found = measure_delay(AlignedAudio(DRY, wet, 0), RATE)
    assert found is not None
    assert found.values["feedback"] == pytest.approx(feedback, abs=0.06)
    assert found.rates_hz == pytest.approx((0.8,), rel=2e-3)
    assert found.checked < 0.01 < 0.1 < found.constant
    rest = wet[:, 1_000:] - played(found)[:, 1_000:]
    assert np.sum(rest**2) < 0.01 * np.sum(wet[:, 1_000:] ** 2)


@pytest.mark.parametrize("drive", [0.0, 20.0])
def test_nothing_moves_in_what_is_steady(drive: float) -> None:
    wet = np.tanh(drive * DRY) if drive else lfilter([0.3], [1.0, -0.7], DRY).astype(np.float32)
    found = measure_delay(AlignedAudio(DRY, wet, 0), RATE)
    assert found is None or found.checked > 0.5 * found.constant


def test_less_than_a_period_is_no_rate() -> None:
    times = np.arange(0.0, 2.0, 0.01)
    weights = np.ones(len(times))
    found = find_swings(times, np.sin(2.0 * np.pi * 1.7 * times), weights)
    assert found is not None and found.rates_hz == pytest.approx((1.7,), rel=0.02)
    slow = find_swings(times, np.sin(2.0 * np.pi * 0.1 * times), weights)
    assert slow is not None and slow.too_slow


def test_slow_movement_is_judged_on_what_is_left_out() -> None:
    """Few samples behind many taps: what was fitted says little, and so it does without a copy."""
    dry = DRY[:, : round(1.2 * RATE)]
    time = np.arange(dry.shape[1]) / RATE
    late = 4e-3 - 3e-3 * np.cos(2.0 * np.pi * 0.2 * time)
    copy = np.interp(time - late, time, dry[0])
    noise = np.random.default_rng(5).normal(size=dry.shape) * 0.3 * np.std(dry)
    wet = (0.6 * dry + 0.6 * copy + noise).astype(np.float32)
    found = measure_delay(AlignedAudio(dry, wet, 0), RATE)
    assert isinstance(found, SlowMovement)
    share = float(np.sum(noise**2) / np.sum(wet**2))
    assert share < found.checked < 0.5 * found.constant


@pytest.mark.parametrize("rate_hz", [0.6, 0.743, 0.756, 2.081])
def test_no_part_of_the_rate_of_a_sine_is_taken(rate_hz: float) -> None:
    times = np.arange(0.01, 3.99, 0.01)
    delays = 3.0 + np.sin(2.0 * np.pi * rate_hz * times + 0.5)
    found = find_swings(times, delays, np.ones(len(times)))
    assert found is not None and found.rates_hz == pytest.approx((rate_hz,), rel=1e-3)


def test_a_sine_that_is_followed_keeps_its_rate() -> None:
    dry = plucked_strings(4.0, RATE, 1)
    time = np.arange(dry.shape[1])
    late = RATE * (4e-3 + 1e-3 * np.sin(2.0 * np.pi * 0.9 * time / RATE))
    wet = (0.6 * dry + 0.5 * np.interp(time - late, time, dry[0])).astype(np.float32)
    found = measure_delay(AlignedAudio(dry, wet, 0), RATE)
    assert found is not None and found.rates_hz == pytest.approx((0.9,), rel=1e-3)


def test_two_filters_are_solved_together() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 4_000))
    y = lfilter([0.5, -0.2, 0.1], [1.0], x) + lfilter([0.0, 0.7], [1.0], w)
    moments = colour_moments(x, w, y, 8)
    found = moments.solve(1e-9)
    np.testing.assert_allclose(found.direct[:4], [0.5, -0.2, 0.1, 0.0], atol=5e-3)
    np.testing.assert_allclose(found.copy[:3], [0.0, 0.7, 0.0], atol=5e-3)
    left = y - found.played(x, w)
    # the sums hold what rings beyond the end
    assert moments.squared_error(found) == pytest.approx(float(left @ left), abs=1e-3 * y @ y)
    alone = moments.without_copy().solve(1e-9)
    assert not np.any(alone.copy) and moments.squared_error(alone) > 0.1 * float(y @ y)


def test_channels_that_oppose_each_other_do_not_cancel() -> None:
    dry, wet = np.repeat(DRY, 2, axis=0), flanged(0.7)
    found = measure_delay(AlignedAudio(dry, np.concatenate([wet, -wet]), 0), RATE)
    alone = measure_delay(AlignedAudio(DRY, wet, 0), RATE)
    assert found is not None and alone is not None
    assert found.rates_hz == pytest.approx(alone.rates_hz, rel=1e-6)
    assert found.rates_hz == pytest.approx((0.7,), rel=0.01)
    assert found.checked == pytest.approx(alone.checked, rel=1e-3) and found.checked < 0.05
    left, right = found.responses.samples
    np.testing.assert_allclose(left, -right, atol=1e-6)


def test_what_is_left_out_is_of_the_whole_part() -> None:
    """An end at which the wet is noise counts for its share, not for all."""
    wet, last = flanged(0.7), DRY.shape[1] * 9 // 10
    rng = np.random.default_rng(0)
    wet[:, last:] = np.std(wet) * rng.standard_normal((1, wet.shape[1] - last))
    found = measure_delay(AlignedAudio(DRY, wet, 0), RATE)
    assert found is not None and 0.05 < found.checked < 0.3


def test_steps_keep_to_the_rates_that_are_looked_for() -> None:
    times = np.arange(0.0, 4.0, 0.01)
    found = find_swings(times, np.sin(2.0 * np.pi * times), np.ones(len(times)))
    assert found is not None
    nothing = np.zeros(len(found.weights))
    assert found.moved(np.append(nothing, -5.0)).rates_hz == pytest.approx((1 / 3.99,))
    assert found.moved(np.append(nothing, 50.0)).rates_hz == (12.0,)


def test_a_copy_alone_may_be_aligned_to_any_of_its_delays() -> None:
    """Latency is found as the delay that is heard most, here its mean."""
    dry = plucked_strings(4.0, RATE, 0)
    time = np.arange(dry.shape[1])
    late = RATE * (2e-3 + 1e-3 * np.sin(2.0 * np.pi * 2.3 * time / RATE))
    wet = np.interp(time - late, time, dry[0])[None].astype(np.float32)
    mean = round(2e-3 * RATE)
    found = measure_delay(AlignedAudio(dry[:, :-mean], wet[:, mean:], 0), RATE)
    assert found is not None and found.rates_hz == pytest.approx((2.3,), rel=2e-3)
    assert -22 <= found.latency_samples <= -16  # the swing is 16 samples
    assert found.checked < 0.01 < 0.1 < found.constant
    early = mean + found.latency_samples
    rest = wet[:, early:] - played(found, dry)[:, : wet.shape[1] - early]
    assert np.sum(rest**2) < 0.01 * np.sum(wet**2)
