"""What every effect states about itself is true of what it plays."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.presets import noise_assets
from fxchain.data.signals import white_noise
from fxchain.errors import ParameterError
from fxchain.player import Playback
from fxchain.primitives import REGISTRY, Primitive
from fxchain.stage import Effect

RATE = 44_100.0
LATER = 3_001


def of_nature(*natures: str) -> pytest.MarkDecorator:
    found = {kind: p for kind, p in REGISTRY.items() if p.nature in natures}
    return pytest.mark.parametrize("primitive", found.values(), ids=found.keys())


def play(primitive: Primitive, audio: Tensor, first_sample: int = 0) -> Tensor:
    effect = Effect(primitive, noise_assets(primitive, np.random.default_rng(0)))
    values = [primitive.probe[spec.name] for spec in primitive.parameters]
    rows = torch.tensor([values], dtype=torch.float64)
    return effect.process(audio, Playback(RATE, first_sample), rows)


def noise(seed: int = 0) -> Tensor:
    return torch.from_numpy(white_noise(0.3, round(RATE), seed=seed, channels=2))[None].double()


@of_nature("memoryless")
def test_a_memoryless_effect_does_not_see_the_order_of_samples(primitive: Primitive) -> None:
    audio = noise()
    order = torch.from_numpy(np.random.default_rng(1).permutation(audio.shape[-1]))
    torch.testing.assert_close(
        play(primitive, audio[..., order]), play(primitive, audio)[..., order]
    )


@pytest.mark.parametrize(
    "primitive", [p for p in REGISTRY.values() if p.static_curve], ids=lambda p: p.kind
)
def test_a_static_curve_is_what_is_played(primitive: Primitive) -> None:
    assert primitive.static_curve is not None
    curve, audio = primitive.static_curve(**primitive.probe), noise()
    function = {"tanh": torch.tanh, "clamp": lambda x: x.clamp(-1.0, 1.0)}[curve.function]
    offset = torch.tensor(curve.offset, dtype=torch.float64)
    expected = curve.factor * (function(curve.gain * audio + offset) - function(offset))
    torch.testing.assert_close(play(primitive, audio), expected)


@of_nature("filter")
def test_a_filter_is_linear(primitive: Primitive) -> None:
    one, other = noise(1), noise(2)
    together = play(primitive, 0.5 * one - 2.0 * other)
    apart = 0.5 * play(primitive, one) - 2.0 * play(primitive, other)
    torch.testing.assert_close(together, apart, atol=1e-5, rtol=0.0)


@of_nature("memoryless", "dynamic")
def test_what_is_no_filter_is_not_linear(primitive: Primitive) -> None:
    audio = noise()
    twice, expected = play(primitive, 2.0 * audio), 2.0 * play(primitive, audio)
    assert (twice - expected).norm() > 1e-2 * expected.norm()


@of_nature("memoryless", "filter", "dynamic")
def test_only_a_time_varying_effect_depends_on_the_position(primitive: Primitive) -> None:
    audio = noise()
    assert torch.equal(play(primitive, audio, LATER), play(primitive, audio))
    late = torch.nn.functional.pad(audio, (LATER, 0))
    torch.testing.assert_close(
        play(primitive, late)[..., LATER:], play(primitive, audio), atol=1e-5, rtol=0.0
    )


@of_nature("dynamic")
def test_a_dynamic_effect_has_memory(primitive: Primitive) -> None:
    audio = noise()
    changed = audio.clone()
    changed[..., :LATER] *= 10.0
    after = (play(primitive, changed) - play(primitive, audio))[..., LATER:]
    assert after.abs().max() > 1e-3


@pytest.mark.parametrize(
    "primitive", [p for p in REGISTRY.values() if p.generalizes], ids=lambda p: p.kind
)
def test_what_generalizes_another_equals_it_at_the_defaults(primitive: Primitive) -> None:
    special = REGISTRY[str(primitive.generalizes)]
    named = {spec.name: spec.default for spec in primitive.parameters}
    named |= {spec.name: special.probe[spec.name] for spec in special.parameters}
    torch.testing.assert_close(
        play(replace(primitive, probe=named), noise()), play(special, noise())
    )


def test_facts_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ParameterError, match="only a filter"):
        replace(REGISTRY["delay"], nature="memoryless")
    with pytest.raises(ParameterError, match="the nature is one of"):
        replace(REGISTRY["delay"], nature="echo")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="no parameter 'depth'"):
        replace(REGISTRY["delay"], quantized=frozenset({"depth"}))


@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=REGISTRY.keys())
def test_slots_carry_the_facts(primitive: Primitive) -> None:
    effect = Effect(primitive, noise_assets(primitive, np.random.default_rng(0)), "e7")
    for slot in effect.slots("chain[2]"):
        assert (slot.purpose, slot.stage_id) == (primitive.purpose, "e7")
        assert slot.quantized == (slot.spec.name in primitive.quantized)


def stated(**wanted: object) -> pytest.MarkDecorator:
    """Return every effect whose facts of these names are not as given."""
    found = {
        kind: p
        for kind, p in REGISTRY.items()
        if all(getattr(p, name) != value for name, value in wanted.items())
    }
    return pytest.mark.parametrize("primitive", found.values(), ids=found.keys())


def at(primitive: Primitive, **changed: float) -> Primitive:
    """Return an effect that plays at other values."""
    return replace(primitive, probe={**primitive.probe, **changed})


LOUDER_DB = 3.0
LOUDER = 10.0 ** (LOUDER_DB / 20.0)


@stated(gain_shifts=None)
def test_a_gain_may_stand_behind_it(primitive: Primitive) -> None:
    shifts = primitive.gain_shifts or {}
    moved = {name: primitive.probe[name] + times * LOUDER_DB for name, times in shifts.items()}
    louder = play(primitive, LOUDER * noise())
    behind = LOUDER * play(at(primitive, **moved), noise())
    torch.testing.assert_close(louder, behind, atol=1e-5, rtol=1e-6)


@stated(input_gain=None)
def test_its_input_gain_is_one(primitive: Primitive) -> None:
    name = str(primitive.input_gain)
    louder = at(primitive, **{name: primitive.probe[name] + LOUDER_DB})
    torch.testing.assert_close(play(primitive, LOUDER * noise()), play(louder, noise()))


@stated(output_levels=())
def test_its_output_levels_together_are_a_gain(primitive: Primitive) -> None:
    halves = {name: 0.5 * primitive.probe[name] for name in primitive.output_levels}
    halved = play(at(primitive, **halves), noise())
    torch.testing.assert_close(halved, 0.5 * play(primitive, noise()), atol=1e-5, rtol=0.0)


@stated(polarity_flips=None)
def test_the_opposite_polarity_gives_the_opposite(primitive: Primitive) -> None:
    turned = {name: -primitive.probe[name] for name in primitive.polarity_flips or ()}
    opposite = play(at(primitive, **turned), -noise())
    torch.testing.assert_close(opposite, -play(primitive, noise()), atol=1e-5, rtol=0.0)


@stated(limit=None)
def test_a_limit_cuts_and_does_nothing_else(primitive: Primitive) -> None:
    level = 10.0 ** (primitive.probe[str(primitive.limit)] / 20.0)
    torch.testing.assert_close(play(primitive, noise()), noise().clamp(-level, level))


@stated(odd_increasing=False)
def test_its_curve_is_odd_and_increasing(primitive: Primitive) -> None:
    levels = torch.linspace(-2.0, 2.0, 401, dtype=torch.float64).expand(1, 2, -1)
    curve = play(primitive, levels)
    torch.testing.assert_close(curve, -curve.flip(-1))
    assert (curve.diff() >= 0.0).all()


@stated(complement=None)
def test_its_complement_differs_by_a_gain(primitive: Primitive) -> None:
    other = REGISTRY[str(primitive.complement)]
    gain_db = primitive.probe["gain_db"]
    turned = replace(other, probe={**primitive.probe, "gain_db": -gain_db})
    louder = 10.0 ** (gain_db / 20.0) * play(turned, noise())
    torch.testing.assert_close(play(primitive, noise()), louder, atol=1e-9, rtol=1e-9)
