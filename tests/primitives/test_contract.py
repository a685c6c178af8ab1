"""What every effect of the registry must do; a new one is tested by being there."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.presets import noise_assets
from fxchain.data.signals import white_noise
from fxchain.errors import ParameterError
from fxchain.metrics.scores import null_depth_db
from fxchain.player import Playback
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY, Primitive, get_primitive
from fxchain.stage import Effect

RATE = 44_100.0
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
ALL = pytest.mark.parametrize("primitive", REGISTRY.values(), ids=REGISTRY.keys())


def those(condition: str) -> pytest.MarkDecorator:
    """Return a parametrisation over the effects for which an attribute is true."""
    found = {kind: p for kind, p in REGISTRY.items() if getattr(p, condition)}
    return pytest.mark.parametrize("primitive", found.values(), ids=found.keys())


def of_gradient(gradient: str) -> pytest.MarkDecorator:
    found = {kind: p for kind, p in REGISTRY.items() if p.gradient == gradient}
    return pytest.mark.parametrize("primitive", found.values(), ids=found.keys())


def noise(channels: int = 2, seconds: float = 0.25, seed: int = 0, rate: float = RATE) -> Tensor:
    return torch.from_numpy(white_noise(seconds, round(rate), seed=seed, channels=channels))[None]


def effect_of(primitive: Primitive) -> Effect:
    return Effect(primitive, noise_assets(primitive, np.random.default_rng(0)))


def values_of(primitive: Primitive, **changed: float) -> Tensor:
    """Return the values of the probe, some of them changed: (1, size)."""
    named = {
        spec.name: primitive.probe.get(spec.name, spec.default) for spec in primitive.parameters
    }
    return torch.tensor([list((named | changed).values())], dtype=torch.float64)


def ends_of(primitive: Primitive) -> list[Tensor]:
    """Return values with each parameter at each end of its range in turn."""
    return [
        values_of(primitive, **{spec.name: end})
        for spec in primitive.parameters
        for end in (spec.low, spec.high)
    ] or [values_of(primitive)]


@ALL
@DTYPES
@pytest.mark.parametrize("channels", [1, 2])
def test_shape_and_precision_are_kept(
    primitive: Primitive, dtype: torch.dtype, channels: int
) -> None:
    audio = noise(channels).to(dtype)
    made = effect_of(primitive).process(audio, Playback(RATE), values_of(primitive))
    assert made.shape == audio.shape
    assert made.dtype == dtype


@ALL
@pytest.mark.parametrize("rate", [16_000.0, 44_100.0, 192_000.0])
def test_the_output_is_finite_at_both_ends_of_every_range(
    primitive: Primitive, rate: float
) -> None:
    if not primitive.plays_at(rate):
        pytest.skip("it does not play at this rate")
    audio = noise(rate=rate, seconds=0.05)
    for values in ends_of(primitive):
        made = effect_of(primitive).process(audio, Playback(rate), values)
        assert torch.isfinite(made).all(), values


@ALL
def test_the_input_is_left_as_it_was(primitive: Primitive) -> None:
    audio, values = noise(), values_of(primitive)
    kept = audio.clone(), values.clone()
    effect_of(primitive).process(audio, Playback(RATE), values)
    assert torch.equal(audio, kept[0])
    assert torch.equal(values, kept[1])


@ALL
def test_silence_stays_silent(primitive: Primitive) -> None:
    made = effect_of(primitive).process(
        torch.zeros(1, 2, 2_000), Playback(RATE), values_of(primitive)
    )
    # a codec leaves some noise, which is what it sounds like
    assert made.abs().max() < (1e-3 if primitive.nature == "opaque" else 1e-7)


@ALL
@DTYPES
def test_items_of_a_batch_do_not_hear_each_other(primitive: Primitive, dtype: torch.dtype) -> None:
    effect = effect_of(primitive)
    audio = torch.cat([noise(seed=seed) for seed in range(3)]).to(dtype)
    rows = torch.cat((ends_of(primitive) * 3)[:3])
    together = effect.process(audio, Playback(RATE), rows)
    for item in range(3):
        alone = effect.process(audio[item : item + 1], Playback(RATE), rows[item : item + 1])
        torch.testing.assert_close(together[item : item + 1], alone)


@ALL
@DTYPES
def test_one_recording_meets_a_batch_of_values(primitive: Primitive, dtype: torch.dtype) -> None:
    effect, audio = effect_of(primitive), noise().to(dtype)
    rows = torch.cat((ends_of(primitive) * 3)[:3])
    together = effect.process(audio, Playback(RATE), rows)
    assert together.shape == (3, 2, audio.shape[-1])
    for item in range(3):
        torch.testing.assert_close(
            together[item : item + 1], effect.process(audio, Playback(RATE), rows[item : item + 1])
        )


@those("neutral")
def test_it_does_nothing_where_it_says_so(primitive: Primitive) -> None:
    audio = noise()
    neutral = dict(primitive.neutral or {})
    made = effect_of(primitive).process(audio, Playback(RATE), values_of(primitive, **neutral))
    torch.testing.assert_close(made, audio, atol=1e-6, rtol=1e-5)


PARAMETERS = {
    f"{kind}.{spec.name}": (primitive, spec.name)
    for kind, primitive in REGISTRY.items()
    for spec in primitive.parameters
}


@pytest.mark.parametrize(("primitive", "name"), PARAMETERS.values(), ids=PARAMETERS.keys())
def test_every_parameter_is_audible_at_the_probe(primitive: Primitive, name: str) -> None:
    effect, audio, spec = effect_of(primitive), noise(), primitive.spec(name)
    before = effect.process(audio, Playback(RATE), values_of(primitive))
    position = spec.normalize(primitive.probe[name])
    elsewhere = torch.tensor(position + (0.2 if position < 0.5 else -0.2), dtype=torch.float64)
    moved = values_of(primitive, **{name: spec.denormalize(elsewhere).item()})
    after = effect.process(audio, Playback(RATE), moved)
    assert (after - before).norm() > 1e-3 * before.norm()


@of_gradient("full")
@pytest.mark.parametrize("channels", [1, 2])
def test_the_gradient_is_right(primitive: Primitive, channels: int) -> None:
    effect = effect_of(primitive)
    audio = (noise(channels)[..., :40] * 4).double().requires_grad_()
    positions = torch.tensor(
        [[spec.normalize(primitive.probe[spec.name]) for spec in primitive.parameters]],
        dtype=torch.float64,
    ).requires_grad_()

    def played(signal: Tensor, at: Tensor) -> Tensor:
        columns = [spec.denormalize(at[:, i]) for i, spec in enumerate(primitive.parameters)]
        values = torch.stack(columns, dim=1) if columns else at
        return effect.process(signal, Playback(16_000.0), values)

    assert torch.autograd.gradcheck(played, (audio, positions))


@of_gradient("full")
def test_the_gradient_in_float32_is_that_of_float64(primitive: Primitive) -> None:
    effect, weights = effect_of(primitive), noise(seed=1)
    slopes = []
    for dtype in (torch.float32, torch.float64):
        audio = noise().to(dtype).requires_grad_()
        values = values_of(primitive).requires_grad_()
        loss = (effect.process(audio, Playback(RATE), values) * weights.to(dtype)).sum()
        found = torch.autograd.grad(loss, (audio, values), materialize_grads=True)
        slopes.append([slope.double() for slope in found])
    for single, double in zip(*slopes, strict=True):
        assert (single - double).norm() <= 1e-3 * double.norm()


@of_gradient("full")
def test_every_parameter_has_a_slope_at_the_probe(primitive: Primitive) -> None:
    if not primitive.parameters:
        pytest.skip("it has none")
    values = values_of(primitive).requires_grad_()
    made = effect_of(primitive).process(noise(), Playback(RATE), values)
    (slope,) = torch.autograd.grad(made.square().sum(), values, materialize_grads=True)
    assert (slope != 0).all()


@of_gradient("signal")
@DTYPES
@pytest.mark.parametrize("channels", [1, 2])
def test_gradients_pass_through_to_the_audio(
    primitive: Primitive, dtype: torch.dtype, channels: int
) -> None:
    """The effect is linear, so its derivative along a direction is what it makes of it."""
    effect, values = effect_of(primitive), values_of(primitive)
    audio = noise(channels).to(dtype).requires_grad_()
    along, weights = (noise(channels, seed=seed).to(dtype) for seed in (1, 2))
    (slope,) = torch.autograd.grad(
        (effect.process(audio, Playback(RATE), values) * weights).sum(), audio
    )
    expected = (effect.process(along, Playback(RATE), values) * weights).sum()
    size = (effect.process(along, Playback(RATE), values) * weights).abs().sum().item()
    assert (slope * along).sum().item() == pytest.approx(expected.item(), abs=1e-5 * size)


@of_gradient("signal")
def test_playing_and_convolving_are_the_same(primitive: Primitive) -> None:
    """Float32 audio is played by the plugin, float64 is convolved with what was captured of it."""
    for values in ends_of(primitive):
        played, convolved = (
            effect_of(primitive).process(noise(seconds=1.0).to(dtype), Playback(RATE), values)
            for dtype in (torch.float32, torch.float64)
        )
        torch.testing.assert_close(played.double(), convolved, atol=3e-6, rtol=0.0)


HELD = [kind for kind, p in REGISTRY.items() if any(s.unit == "Hz" for s in p.parameters)]


@pytest.mark.parametrize("kind", HELD)
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
def test_high_frequencies_are_held_in_twin_and_board_alike(kind: str, rate: int) -> None:
    primitive = REGISTRY[kind]
    effect, audio = effect_of(primitive), noise(rate=rate)
    highest_hz = {spec.name: spec.high for spec in primitive.parameters if spec.unit == "Hz"}
    highest = values_of(primitive, **highest_hz)
    held = values_of(primitive, **{name: min(f, 0.45 * rate) for name, f in highest_hz.items()})
    made = effect.process(audio, Playback(float(rate)), highest)
    assert torch.equal(made, effect.process(audio, Playback(float(rate)), held))
    board = Preset(effect, highest[0].numpy(), rate).board(rate)
    played = board(audio[0].numpy(), rate, reset=True)
    assert null_depth_db(played, made[0].numpy()) < -100.0


@those("render")
@pytest.mark.parametrize("channels", [1, 2])
def test_the_numpy_function_is_the_same_effect(primitive: Primitive, channels: int) -> None:
    assert primitive.render is not None
    audio, effect = noise(channels), effect_of(primitive)
    for values in [*ends_of(primitive), values_of(primitive)]:
        rendered = primitive.render(
            audio[0].numpy(),
            Playback(RATE, assets=effect.assets),
            **effect.arguments(values[0].numpy()),
        )
        assert rendered.dtype == np.float32
        made = effect.process(audio, Playback(RATE), values)[0].numpy()
        np.testing.assert_allclose(rendered, made, atol=1e-6, rtol=1e-6)


@ALL
def test_the_table_is_complete(primitive: Primitive) -> None:
    assert primitive.summary.endswith(".")
    assert primitive.probe.keys() == {spec.name for spec in primitive.parameters}
    assert REGISTRY[primitive.kind] is primitive


def test_an_unknown_effect_is_refused_with_the_way_to_the_known_ones() -> None:
    with pytest.raises(ParameterError, match=r"'flanger' \(fxchain primitives lists them\)"):
        get_primitive("flanger")


def live_statement(primitive: Primitive) -> str:
    """Return what is wrong with what an effect says of playing live; empty: nothing."""
    if (primitive.realtime is None) == (not primitive.not_realtime):
        return "state real-time code, or in words that follow 'because' why there is none"
    name = "".join(word.capitalize() for word in primitive.kind.split("_"))
    if primitive.realtime is not None and f"class {name} : " not in primitive.realtime:
        return f"the class of the real-time code is called {name}"
    return ""


@ALL
def test_it_states_its_real_time_code_or_why_there_is_none(primitive: Primitive) -> None:
    assert not live_statement(primitive)


def test_an_effect_that_says_nothing_of_playing_live_is_refused() -> None:
    gain = REGISTRY["gain"]
    assert live_statement(replace(gain, realtime=None))
    assert live_statement(replace(gain, not_realtime="it is late"))
    assert live_statement(replace(gain, kind="louder"))
