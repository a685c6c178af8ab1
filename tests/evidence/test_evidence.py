"""What a pair says about effects, with settings that are drawn."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pedalboard
import pytest

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.evidence import measure_evidence
from fxchain.player import Playback
from fxchain.primitives import REGISTRY, get_primitive
from fxchain.primitives.evidence import EXCLUDED, Evidence, movement

RATE = 44_100
DRY = plucked_strings(6.0, RATE, seed=3)
PEAK_DB = -6.0
LINEAR = 3e-7
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def measured(*plugins: pedalboard.Plugin, dry: np.ndarray = DRY) -> Evidence:
    return measure_evidence(dry, pedalboard.Pedalboard(list(plugins))(dry, RATE), RATE)


def excluded(found: Evidence) -> set[str]:
    """Return the kinds that are excluded."""
    stated = {kind: each.evidence for kind, each in REGISTRY.items() if each.evidence}
    return {kind for kind, evidence in stated.items() if evidence(found) <= EXCLUDED}


def equalizer(random: np.random.Generator) -> Sequence[pedalboard.Plugin]:
    return [
        pedalboard.HighpassFilter(random.uniform(40, 300)),
        pedalboard.PeakFilter(random.uniform(60, 400), random.uniform(4, 9), random.uniform(1, 4)),
        pedalboard.HighShelfFilter(random.uniform(1_000, 6_000), -random.uniform(4, 9), 0.7),
    ]


def drive(random: np.random.Generator) -> pedalboard.Plugin:
    return pedalboard.Distortion(random.uniform(8, 30))


def compressor(random: np.random.Generator) -> pedalboard.Compressor:
    return pedalboard.Compressor(
        -random.uniform(24, 34),
        random.uniform(3, 8),
        random.uniform(5, 30),
        random.uniform(60, 300),
    )


def gate(random: np.random.Generator) -> pedalboard.NoiseGate:
    return pedalboard.NoiseGate(
        -random.uniform(20, 40),
        random.uniform(3, 10),
        random.uniform(1, 5),
        random.uniform(30, 200),
    )


def delay(random: np.random.Generator) -> pedalboard.Delay:
    samples = int(random.integers(2_000, 30_000))
    return pedalboard.Delay(
        (samples + 0.5) / RATE, random.uniform(0, 0.6), random.uniform(0.1, 0.5)
    )


def test_of_the_dry_itself_every_effect_is_excluded() -> None:
    found = measure_evidence(DRY, DRY, RATE)
    assert found.gain_error < 1e-12 and abs(found.gain_db) < 1e-6
    assert excluded(found) == {kind for kind, each in REGISTRY.items() if each.evidence}


def test_of_a_gain_every_other_effect_is_excluded() -> None:
    found = measure_evidence(DRY, -0.5 * DRY, RATE)
    assert found.gain_db == pytest.approx(-6.02, abs=0.01)
    assert found.inverted
    assert "gain" not in excluded(found)
    assert {"peak_filter", "distortion", "compressor", "delay", "reverb"} <= excluded(found)


@SEEDS
def test_an_equalizer_is_linear_and_without_echo(seed: int) -> None:
    found = measured(*equalizer(np.random.default_rng(seed)))
    assert found.linear_error < LINEAR
    assert found.echo_bound_db < -60.0
    assert {"distortion", "clipping", "compressor", "delay", "reverb"} <= excluded(found)
    assert not {"peak_filter", "highpass_filter", "gain"} & excluded(found)


@SEEDS
def test_a_delay_is_linear_and_its_echo_lies_on_the_sample(seed: int) -> None:
    random = np.random.default_rng(seed)
    echo = delay(random)
    found = measured(*equalizer(random), echo)
    assert round(found.echo_seconds * RATE) == int(echo.delay_seconds * RATE)
    assert found.echo_db == pytest.approx(20 * np.log10(echo.mix / (1 - echo.mix)), abs=3.0)
    assert found.linear_error < LINEAR
    assert {"distortion", "compressor"} <= excluded(found)
    assert "delay" not in excluded(found)


@SEEDS
def test_an_echo_is_found_behind_a_drive(seed: int) -> None:
    random = np.random.default_rng(seed)
    echo = delay(random)
    found = measured(drive(random), *equalizer(random), echo)
    assert round(found.echo_seconds * RATE) == int(echo.delay_seconds * RATE)
    assert found.echo_db > found.echo_floor_db + 6.0
    assert not {"delay", "distortion"} & excluded(found)


@SEEDS
def test_a_drive_makes_odd_harmonics_without_time_constants(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = measured(drive(random), *equalizer(random))
    assert found.linear_error > 1e-5
    assert found.odd_share > 0.9
    assert found.even_share < 0.3
    assert found.level_memory < 0.3


@SEEDS
def test_a_bias_makes_even_harmonics(seed: int) -> None:
    random = np.random.default_rng(seed)
    render = get_primitive("waveshaper").render
    assert render is not None
    bias = float(random.uniform(0.3, 1.0))
    wet = render(DRY, Playback(RATE), drive_db=float(random.uniform(5, 20)), bias=bias)
    found = measure_evidence(DRY, wet, RATE)
    assert found.even_share > 0.9
    biased, symmetric = (get_primitive(kind).evidence for kind in ("waveshaper", "distortion"))
    assert biased is not None and symmetric is not None
    assert biased(found) > symmetric(found)


@SEEDS
def test_a_compressor_has_time_constants(seed: int) -> None:
    settings = compressor(np.random.default_rng(seed))
    found = measured(settings)
    assert found.level_memory > 0.4
    assert found.level_slope < -0.2
    assert settings.attack_ms / 4 < found.attack_ms < 4 * settings.attack_ms
    assert settings.release_ms / 4 < found.release_ms < 4 * settings.release_ms
    assert "compressor" not in excluded(found)


@SEEDS
def test_a_decay_is_longer_in_a_larger_room(seed: int) -> None:
    random = np.random.default_rng(seed)
    level = random.uniform(0.1, 0.4)
    small, large = (
        measured(pedalboard.Reverb(room_size=size, damping=0.3, wet_level=level, dry_level=0.4))
        for size in (0.2, 0.8)
    )
    for found in (small, large):
        assert found.tail_db > found.echo_floor_db and found.tail_db > -35.0
        assert not {"reverb", "distortion"} & excluded(found)
    assert 0.0 < small.decay_seconds < large.decay_seconds


@SEEDS
def test_a_decay_is_dense_and_a_single_echo_is_not(seed: int) -> None:
    random = np.random.default_rng(seed)
    samples = int(random.integers(2_000, 10_000))
    echo = measured(pedalboard.Delay((samples + 0.5) / RATE, 0.0, 0.3))
    room = measured(
        pedalboard.Reverb(room_size=random.uniform(0.3, 0.8), wet_level=0.2, dry_level=0.4)
    )
    assert echo.tail_db - echo.dense_tail_db > 4.0 + room.tail_db - room.dense_tail_db


@pytest.mark.parametrize("rate_hz", [0.9, 2.3])
def test_movement_has_the_frequency_of_the_oscillator(rate_hz: float) -> None:
    dry = white_noise(6.0, RATE, seed=2)
    found = measured(pedalboard.Phaser(rate_hz=rate_hz), dry=dry)
    still = measured(drive(np.random.default_rng(1)), dry=dry)
    assert found.movement_share > 10.0 * still.movement_share
    # the response moves with the oscillator or, symmetrically about its middle, twice as fast
    assert any(found.movement_hz == pytest.approx(n * rate_hz, abs=0.1) for n in (1, 2))


@pytest.mark.parametrize("mix", [0.8, 1.0])
def test_an_echo_with_little_direct_sound_does_not_move(mix: float) -> None:
    """In short blocks it differs from note to note, and notes come periodically."""
    echo = pedalboard.Delay(0.32, 0.1, mix)
    steady = measured(pedalboard.Clipping(PEAK_DB - 6.0), pedalboard.HighpassFilter(50.0), echo)
    moving = measured(pedalboard.Chorus(rate_hz=1.2), echo)
    assert movement(steady) <= EXCLUDED and movement(moving) > 0.0


def test_a_dry_that_repeats_itself_shows_no_echo_that_explains_a_clipping() -> None:
    loop = plucked_strings(1.0, RATE, seed=4)
    dry = np.tile(loop, 6)
    found = measured(pedalboard.Clipping(PEAK_DB - 8.0), dry=dry)
    assert found.linear_error > 1e-5
    assert "clipping" not in excluded(found)


def test_only_what_is_known_of_the_wet_counts() -> None:
    wet = pedalboard.Pedalboard([pedalboard.LowpassFilter(2_000.0)])(DRY, RATE)
    wet[:, : RATE // 2] = 0.0
    assert measure_evidence(DRY, wet, RATE, first_valid=RATE // 2).linear_error < LINEAR


@pytest.mark.parametrize("seconds", [0.001, 0.3, 0.6, 1.0])
def test_short_pairs_say_little(seconds: float) -> None:
    dry = DRY[:, : max(round(seconds * RATE), 1)]
    wet = pedalboard.Pedalboard([pedalboard.Distortion(20.0)])(dry, RATE)
    assert not {"distortion", "clipping"} & excluded(measure_evidence(dry, wet, RATE))


def test_silence_and_two_channels_are_measured() -> None:
    silence = np.zeros((2, RATE), dtype=np.float32)
    assert measure_evidence(silence, silence, RATE).gain_error == 0.0
    stereo = np.vstack([DRY, 0.5 * DRY])
    assert measured(pedalboard.LowpassFilter(3_000.0), dry=stereo).linear_error < LINEAR


def test_scores_grow_with_what_they_are_about() -> None:
    found = measured(drive(np.random.default_rng(1)))
    echo, decay = get_primitive("delay").evidence, get_primitive("reverb").evidence
    assert echo is not None and decay is not None
    louder = replace(found, echo_db=found.echo_floor_db + 20.0, tail_db=-5.0)
    quieter = replace(found, echo_db=-90.0, echo_floor_db=-80.0, tail_db=-90.0, tail_floor_db=-80.0)
    assert echo(quieter) <= EXCLUDED < echo(louder)
    assert decay(quieter) <= EXCLUDED < decay(louder)


@pytest.mark.parametrize("known", [1.0, 2.5])
def test_a_pair_of_which_only_the_end_is_known(known):
    wet = pedalboard.Pedalboard([pedalboard.Distortion(20)])(DRY, RATE)
    found = measure_evidence(DRY, wet, RATE, DRY.shape[1] - round(known * RATE))
    assert found.linear_error > LINEAR and found.odd_share > 0.0


@SEEDS
def test_a_gate_makes_quiet_passages_quieter(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = measured(gate(random), *equalizer(random))
    assert found.quiet_gain_db is not None and found.quiet_gain_db < -20.0
    assert get_primitive("noise_gate").evidence(found) > 1.0


def test_a_limiter_presses_what_is_loud_with_time_constants() -> None:
    found = measured(pedalboard.Limiter(-24.0, 80.0))
    assert get_primitive("limiter").evidence(found) > 1.0


@pytest.mark.parametrize("bits", [4.0, 6.5, 9.0])
def test_rounded_samples_are_few_levels_whatever_the_gain(bits: float) -> None:
    found = measured(pedalboard.Bitcrush(bits), pedalboard.Gain(-7.0))
    peak = np.abs(pedalboard.Bitcrush(bits)(DRY, RATE)).max()
    assert found.level_step == pytest.approx(2.0**-bits / peak, rel=1e-3)
    assert get_primitive("bitcrush").evidence(found) > 0.0


@SEEDS
def test_neither_a_limiter_nor_few_levels_are_found_in_a_drive(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = measured(drive(random), *equalizer(random))
    assert {"limiter", "bitcrush", "noise_gate"} <= excluded(found)


def test_levels_that_the_dry_has_as_well_are_nothing_new() -> None:
    dry = np.round(DRY * 256.0) / 256.0
    assert measure_evidence(dry, np.clip(dry, -0.25, 0.25), RATE).level_step == 0.0


@SEEDS
def test_no_gate_is_found_in_what_has_none(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = measured(compressor(random), drive(random), *equalizer(random), delay(random))
    assert "noise_gate" in excluded(found)
