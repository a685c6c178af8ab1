"""The share of the wet that no linear filter behind a chain explains."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.linear_remainder import LinearRemainder
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.preset import parse_chain

RATE = 44_100
DRY = 0.3 * white_noise(2.0, RATE, seed=1)
DRIVE = {"primitive": "waveshaper", "parameters": {"drive_db": 20.0, "bias": 0.3}}
WEAKER = {"primitive": "waveshaper", "parameters": {"drive_db": 10.0, "bias": 0.3}}
BEFORE = {"primitive": "highpass_filter", "parameters": {"cutoff_frequency_hz": 5_000.0}}
BEHIND = {
    "primitive": "peak_filter",
    "parameters": {"cutoff_frequency_hz": 2_000.0, "gain_db": 9.0, "q": 1.0},
}


def _pair(*nodes: dict[str, object], noise: float = 0.0) -> Excerpt:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a.json")
    wet = play_excerpt(stage, values, Excerpt(DRY, DRY, 0), RATE)
    other = white_noise(2.0, RATE, seed=2)
    other *= noise * np.linalg.norm(wet) / np.linalg.norm(other)
    return Excerpt(DRY, (wet + other).astype(np.float32), 0)


def _remainder(
    excerpts: list[Excerpt], *nodes: dict[str, object], beside: bool = False
) -> LinearRemainder:
    stage, values, _ = parse_chain({"chain": list(nodes)}, "a.json")
    return LinearRemainder(stage, values, np.ones(stage.size, bool), excerpts, RATE, beside)


def _left(of: LinearRemainder) -> float:
    return float(of.losses(of.cube(of.base)[None])[0])


def test_a_filter_behind_the_chain_is_no_error() -> None:
    pair = _pair(BEFORE, DRIVE, BEHIND)
    assert _left(_remainder([pair], BEFORE, DRIVE)) < 1e-3
    assert _left(_remainder([pair], BEFORE, WEAKER)) > 1e-2
    assert _left(_remainder([pair], DRIVE)) > 0.03


def test_noise_is_left() -> None:
    """What is explained by chance of it is one in as many windows."""
    left = _left(_remainder([_pair(DRIVE, noise=0.5)], DRIVE))
    assert left == pytest.approx(0.25 / 1.25, rel=0.05)


def test_an_unknown_stretch_does_not_count() -> None:
    pair = _pair(DRIVE, BEHIND)
    wet = pair.wet.copy()
    wet[:, 20_000:30_000] = white_noise(1.0, RATE, seed=3)[:, :10_000]
    assert _left(_remainder([Excerpt(DRY, wet, 0)], DRIVE)) > 0.1
    assert _left(_remainder([Excerpt(DRY, wet, 0, gaps=((20_000, 30_000),))], DRIVE)) < 1e-3


def test_recordings_share_one_filter() -> None:
    """Two devices with different filters are not explained by one."""
    alike = [_pair(DRIVE, BEHIND), _pair(DRIVE, BEHIND)]
    assert _left(_remainder(alike, DRIVE)) < 1e-3
    assert _left(_remainder([_pair(DRIVE, BEHIND), _pair(DRIVE)], DRIVE)) > 0.01


def test_a_population_is_evaluated_one_by_one() -> None:
    of = _remainder([_pair(BEFORE, DRIVE, BEHIND)], BEFORE, DRIVE)
    cubes = np.random.default_rng(0).uniform(size=(5, len(of.slots)))
    together = of.losses(cubes)
    alone = [float(of.losses(cube[None])[0]) for cube in cubes]
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_the_dry_beside_the_chain_has_a_filter_of_its_own() -> None:
    """Each of the two is found as it is."""
    clean = {"weight": 0.5, "chain": [BEHIND]}
    pair = _pair({"mix": [clean, {"weight": 0.05, "chain": [BEFORE, DRIVE]}]})
    alone, both = (_remainder([pair], BEFORE, DRIVE, beside=beside) for beside in (False, True))
    assert _left(alone) > 0.02
    assert _left(both) < 1e-3
    of = both.spectra(both.cube(both.base)[None])
    driven, dry = of.responses()[0]
    inside = (of.hertz > 12_000.0) & (of.hertz < 18_000.0)
    np.testing.assert_allclose(driven[inside], 0.05, atol=0.01)
    np.testing.assert_allclose(dry[inside], 0.5, atol=0.1)


def test_the_least_that_filters_leave_is_that_of_least_squares() -> None:
    pair = _pair(BEFORE, DRIVE, noise=0.3)
    of = _remainder([pair], DRIVE)
    spectra = of.spectra(of.cube(of.base)[None])
    powers, along = spectra.powers[0, 0, 0].real, spectra.along[0, 0]
    expected = 1.0 - np.sum(np.abs(along) ** 2 / powers) / spectra.wet.sum()
    assert _left(of) == pytest.approx(float(expected), rel=1e-4)
