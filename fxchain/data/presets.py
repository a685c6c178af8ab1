"""Random chains and values: for hidden chains that a search is to find, and for tests."""

import math
from collections.abc import Collection, Sequence

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Asset
from fxchain.primitives import REGISTRY, Primitive, get_primitive
from fxchain.stage import WEIGHT, Chain, Effect, Mix, Stage

#: Ranges of the values of hidden chains, by effect and parameter.
HIDDEN_RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "gain": {"gain_db": (-8.0, 6.0)},
    "distortion": {"drive_db": (0.0, 30.0)},
    "compressor": {
        "threshold_db": (-40.0, -10.0),
        "ratio": (1.5, 8.0),
        "attack_ms": (1.0, 40.0),
        "release_ms": (30.0, 400.0),
    },
    "delay": {"delay_seconds": (0.05, 0.8), "feedback": (0.1, 0.6), "mix": (0.1, 0.5)},
    "reverb": {
        "room_size": (0.1, 0.9),
        "damping": (0.1, 0.9),
        "wet_level": (0.1, 0.5),
        "dry_level": (0.3, 1.0),
        "width": (1.0, 1.0),
    },
} | {
    kind: {"cutoff_frequency_hz": (40.0, 12_000.0), "gain_db": (-9.0, 9.0), "q": (0.3, 4.0)}
    for kind in ("low_shelf_filter", "peak_filter", "high_shelf_filter")
}

#: Spawn key of the random numbers that are hidden from a search.
HIDDEN_STREAM = 1

_EQUALIZER = ("low_shelf_filter", *("peak_filter",) * 3, "high_shelf_filter")
_SPACE = ("delay", "reverb")
_ANY_ORDER = ("peak_filter", "high_shelf_filter", "distortion", "compressor", *_SPACE)


def hidden_rng(seed: int | Sequence[int]) -> np.random.Generator:
    """Return the generator for what is hidden from a search.

    A search draws from `np.random.default_rng(seed)`. This stream is independent of it at the same
    seed, so no random start of a search can be the hidden values themselves.

    Args:
        seed: 0 or more, or several such numbers

    Source:
        numpy, `SeedSequence(entropy, spawn_key)`
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(HIDDEN_STREAM,)))


def hidden_chain(
    rng: np.random.Generator,
    sample_rate: float = 44_100,
    *,
    swapped: bool = False,
    absent: Collection[str] = (),
) -> tuple[Chain, np.ndarray]:
    """Draw a chain: EQ, distortion, EQ, compressor, gain, delay and reverb.

    Args:
        rng: draws the values; for a chain that a search is to find, see `hidden_rng`
        sample_rate: Hz, of the grid of `on_sample_grid`
        swapped: the compressor stands before the distortion
        absent: kinds left out, of delay and reverb

    Returns:
        the chain, and its values (size,)
    """
    first, then = ("compressor", "distortion") if swapped else ("distortion", "compressor")
    space = tuple(kind for kind in _SPACE if kind not in absent)
    kinds = (*_EQUALIZER, first, *_EQUALIZER, then, "gain", *space)
    chain = Chain(tuple(Effect(get_primitive(kind)) for kind in kinds))
    return chain, _hidden_values(chain, rng, sample_rate)


def hidden_order(
    rng: np.random.Generator,
    count: int,
    sample_rate: float = 44_100,
    among: Sequence[str] = _ANY_ORDER,
) -> tuple[Chain, np.ndarray]:
    """Draw a chain of a few different effects in any order.

    Args:
        rng: draws kinds, order and values; for a chain that a search is to find, see `hidden_rng`
        count: how many effects, at most as many as there are kinds
        sample_rate: Hz, of the grid of `on_sample_grid`
        among: the kinds

    Returns:
        the chain, and its values (size,)
    """
    kinds = rng.permutation(among)[:count]
    chain = Chain(tuple(Effect(get_primitive(str(kind))) for kind in kinds))
    return chain, _hidden_values(chain, rng, sample_rate)


def _hidden_values(chain: Chain, rng: np.random.Generator, sample_rate: float) -> np.ndarray:
    """Draw values within `HIDDEN_RANGES`."""
    values = []
    for slot in chain.slots():
        low, high = HIDDEN_RANGES[slot.kind][slot.spec.name]
        value = _between(low, high, slot.spec, rng)
        if slot.quantized:
            value = on_sample_grid(value, sample_rate)
        values.append(value)
    return np.array(values)


def on_sample_grid(delay_seconds: float, sample_rate: float) -> float:
    """Return a delay rounded to k + 1/2 samples, s.

    pedalboard truncates delays to whole samples. Half a sample above k, rounding errors of the
    conversion to seconds cannot make it k − 1.

    Args:
        delay_seconds: s
        sample_rate: Hz
    """
    return (math.floor(delay_seconds * sample_rate) + 0.5) / sample_rate


def random_effect(rng: np.random.Generator, *, twins_only: bool = False) -> Effect:
    """Draw an effect of the registry, with the assets it needs.

    Args:
        rng: draws the kind and the impulse response
        twins_only: leave out what pedalboard cannot play
    """
    kinds = [kind for kind, found in REGISTRY.items() if found.in_pedalboard or not twins_only]
    primitive = REGISTRY[kinds[rng.integers(len(kinds))]]
    return Effect(primitive, noise_assets(primitive, rng))


def random_stage(
    rng: np.random.Generator, size: int, depth: int = 2, *, twins_only: bool = False
) -> Stage:
    """Draw a nested chain of effects, chains and mixes.

    Args:
        rng: draws the structure
        size: number of effects
        depth: how deep chains and mixes may be nested
        twins_only: leave out what pedalboard cannot play
    """
    stages: list[Stage] = []
    while size > 0:
        inside = int(rng.integers(1, size + 1))
        shape = rng.integers(4) if depth > 0 else 3
        if shape == 0 and inside > 1:
            first = int(rng.integers(1, inside))
            parts = (first, inside - first)
            stages.append(
                Mix(tuple(random_stage(rng, n, depth - 1, twins_only=twins_only) for n in parts))
            )
        elif shape == 1:
            stages.append(random_stage(rng, inside, depth - 1, twins_only=twins_only))
        else:
            inside = 1
            stages.append(random_effect(rng, twins_only=twins_only))
        size -= inside
    return Chain(tuple(stages))


def random_values(
    stage: Stage, rng: np.random.Generator, sample_rate: float = 44_100
) -> np.ndarray:
    """Draw a value for every slot of a stage over its whole range, weights within ±1.

    Args:
        stage: any
        rng: draws the values
        sample_rate: Hz, of the grid of `on_sample_grid`

    Returns:
        (size,)
    """
    values = []
    for slot in stage.slots():
        spec = slot.spec
        low, high = (-1.0, 1.0) if spec is WEIGHT else (spec.low, spec.high)
        value = _between(low, high, spec, rng)
        if slot.quantized:
            value = on_sample_grid(value, sample_rate)
        values.append(min(max(value, spec.low), spec.high))
    return np.array(values)


def decaying_noise(
    rng: np.random.Generator, channels: int = 1, samples: int = 2_000, sample_rate: int = 44_100
) -> Asset:
    """Draw an impulse response: white noise whose amplitude decays exponentially by 60 dB.

    Args:
        rng: draws the noise
        channels: 1 or 2
        samples: length
        sample_rate: Hz
    """
    noise = rng.standard_normal((channels, samples)) * np.geomspace(1.0, 1e-3, samples)
    return Asset(noise.astype(np.float32), sample_rate)


def _between(low: float, high: float, spec: ParameterSpec, rng: np.random.Generator) -> float:
    if spec.scale == "log":
        return math.exp(rng.uniform(math.log(low), math.log(high)))
    return float(rng.uniform(low, high))


def noise_assets(primitive: Primitive, rng: np.random.Generator) -> dict[str, Asset]:
    """Draw the assets that an effect needs: its own, or else decaying noise."""
    if primitive.draw_assets is not None:
        return dict(primitive.draw_assets(rng))
    return {name: decaying_noise(rng) for name in primitive.assets}
