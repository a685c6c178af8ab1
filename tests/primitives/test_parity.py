"""Every effect against its pedalboard plugin, over the whole of its ranges."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pedalboard
import pytest
import torch

from benchmarks.null_depths import bound_db, null_of
from fxchain.data.presets import decaying_noise, noise_assets, random_values
from fxchain.data.signals import white_noise
from fxchain.player import Playback
from fxchain.primitives import REGISTRY, Primitive
from fxchain.stage import Effect

TWINS = [kind for kind, primitive in REGISTRY.items() if primitive.plugin is not None]
RATES = [44_100, 48_000, 96_000]
SETTINGS = 6


def make_effect(kind: str, rng: np.random.Generator) -> Effect:
    return Effect(REGISTRY[kind], noise_assets(REGISTRY[kind], rng))


def louder(primitive: Primitive) -> Callable[..., pedalboard.Plugin]:
    """Return the plugin of an effect with a gain, with 1 dB more of it."""
    return lambda playback, gain_db, **others: primitive.plugin(
        playback, gain_db=gain_db + 1.0, **others
    )


def check(effect: Effect, values: np.ndarray, audio: np.ndarray, rate: int) -> None:
    kind = effect.primitive.kind
    named = {spec.name: v for spec, v in zip(effect.primitive.parameters, values, strict=True)}
    bound, depth = bound_db(kind, named, rate), null_of(effect, values, audio, rate)
    assert depth <= bound, f"{kind} {named} at {rate} Hz nulls at {depth:.1f} dB"


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", [*TWINS, "an effect of tomorrow"])
def test_every_effect_has_a_bound_over_its_whole_range(kind: str, rate: int) -> None:
    specs = REGISTRY[kind].parameters if kind in REGISTRY else ()
    for end in ("low", "high"):
        assert bound_db(kind, {spec.name: getattr(spec, end) for spec in specs}, rate) <= -40.0


def test_an_effect_that_misses_its_bound_fails() -> None:
    """A new kind without a bound of its own, and a filter below 40 Hz."""
    audio = white_noise(0.5, 44_100)
    for kind, values in (("gain", [3.0]), ("peak_filter", [25.0, 6.0, 1.0])):
        right = REGISTRY[kind]
        wrong = replace(right, kind="new" if kind == "gain" else kind, plugin=louder(right))
        with pytest.raises(AssertionError, match="nulls at"):
            check(Effect(wrong), np.array(values), audio, 44_100)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", TWINS)
def test_random_settings_null(kind: str, rate: int, channels: int) -> None:
    if not REGISTRY[kind].plays_at(rate):
        pytest.skip("it does not play at this rate")
    rng = np.random.default_rng([TWINS.index(kind), rate, channels])
    audio = white_noise(2.2, rate, seed=int(rng.integers(1 << 30)), channels=channels)
    for _ in range(SETTINGS):
        effect = make_effect(kind, rng)
        check(effect, random_values(effect, rng, rate), audio, rate)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("kind", ["peak_filter", "low_shelf_filter", "high_shelf_filter"])
def test_the_corners_of_second_order_filters_null(kind: str, rate: int) -> None:
    audio, effect = white_noise(1.0, rate), Effect(REGISTRY[kind])
    for frequency_hz in (20.0, 40.0, 100.0, 400.0, 1_500.0, 20_000.0):
        for gain_db in (-24.0, 24.0):
            for q in (0.1, 10.0):
                check(effect, np.array([frequency_hz, gain_db, q]), audio, rate)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("response_rate", [44_100, 48_000])
@pytest.mark.parametrize("response_channels", [1, 2])
def test_impulse_responses_of_other_rates_and_channels_null(
    channels: int, response_rate: int, response_channels: int
) -> None:
    rng = np.random.default_rng(7)
    response = decaying_noise(rng, response_channels, 3_000, response_rate)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": response})
    for rate in RATES:
        check(effect, np.array([0.8]), white_noise(1.0, rate, channels=channels), rate)


@pytest.mark.parametrize("kind", TWINS)
def test_the_smooth_function_is_the_same_effect(kind: str) -> None:
    """In float64 nothing is rounded as pedalboard rounds it, and little is different."""
    rng = np.random.default_rng(3)
    effect = make_effect(kind, rng)
    probe = effect.primitive.probe
    values = np.array([probe[spec.name] for spec in effect.primitive.parameters])
    audio = white_noise(1.0, 44_100, channels=2)
    made = effect.process(
        torch.from_numpy(audio)[None].double(), Playback(44_100.0), torch.from_numpy(values)[None]
    )
    board = effect.plugin(Playback(44_100.0), values)(audio, 44_100, reset=True)
    np.testing.assert_allclose(made[0].numpy(), board, atol=2e-5)
