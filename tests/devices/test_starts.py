"""Where the fit of a capture begins."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.devices.captures import Captures, DeviceKnob
from fxchain.devices.starts import affine_shares, scanned, starts_from
from fxchain.objectives.excerpt import Excerpt
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.recordings.pair_source import PairSource
from fxchain.render import render
from fxchain.stage import Chain, Effect
from fxchain.structure.candidate import Candidate

RATE = 22_050
STAGE = Chain((Effect(REGISTRY["peak_filter"]),))
FREE = np.ones(3, dtype=bool)


def captures(positions, knobs=1):
    dry = np.zeros((1, 8), dtype=np.float32)
    sources = tuple(PairSource(dry, dry, f"{at}") for at in range(len(positions)))
    names = tuple(DeviceKnob(name) for name in ("tone", "drive")[:knobs])
    return Captures(sources, names, np.array(positions, dtype=float).reshape(-1, knobs))


def candidate(cutoff_frequency_hz, gain_db=6.0):
    return Candidate(STAGE, np.array([cutoff_frequency_hz, gain_db, 0.7]), FREE, None, (0.5,))


def test_one_capture_alone_leads_nowhere_else():
    fitted = {0: candidate(500.0)}
    assert starts_from(fitted, captures([0.0, 10.0]), 1) == [fitted[0]]


def test_values_go_on_beyond_captures_and_lie_between_them():
    known = captures([0.0, 2.5, 5.0, 10.0])
    fitted = {0: candidate(250.0), 1: candidate(500.0)}
    nearest, expected = starts_from(fitted, known, 2)
    assert nearest is fitted[1]
    np.testing.assert_allclose(expected.values, [1000.0, 6.0, 0.7])
    assert expected.latency_shifts == (0.5,)
    far = starts_from(fitted, known, 3)[1]
    np.testing.assert_allclose(far.values[0], 4000.0)
    between = starts_from({0: candidate(250.0), 2: candidate(1000.0)}, known, 1)[1]
    np.testing.assert_allclose(between.values[0], 500.0)


def test_values_stay_within_their_ranges():
    fitted = {0: candidate(200.0, -20.0), 1: candidate(200.0, 10.0)}
    expected = starts_from(fitted, captures([0.0, 5.0, 10.0]), 2)[1]
    assert expected.values[1] == 24.0


def test_two_knobs_span_a_plane():
    known = captures([(0, 0), (5, 0), (0, 5), (5, 5)], knobs=2)
    fitted = {at: candidate(1000.0, gain) for at, gain in enumerate((0.0, 4.0, -6.0))}
    expected = starts_from(fitted, known, 3)[1]
    np.testing.assert_allclose(expected.values, [1000.0, -2.0, 0.7], atol=1e-9)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_shares_sum_to_one_and_hit_what_can_be_hit(dimensions):
    rng = np.random.default_rng(dimensions)
    points, target = rng.normal(size=(dimensions + 1, dimensions)), rng.normal(size=dimensions)
    shares = affine_shares(points, target)
    assert shares.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(shares @ points, target, atol=1e-9)
    line = np.column_stack([np.arange(3.0), np.zeros(3)])  # nothing is known off this line
    off = affine_shares(line, np.array([1.5, 9.0]))
    assert off.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(off @ line, [1.5, 0.0], atol=1e-9)


def test_a_single_value_is_found_over_its_whole_range():
    dry = np.atleast_2d(white_noise(1.0, RATE, seed=3)).astype(np.float32)
    true = np.array([6000.0, 12.0, 0.7])
    excerpt = Excerpt(dry, render(Preset(STAGE, true, RATE), dry, RATE), 0)
    begin = Candidate(STAGE, np.array([90.0, 12.0, 0.7]), FREE)
    found = scanned(begin, excerpt, RATE)
    assert 4000.0 < found.values[0] < 9000.0 and found.loss < 0.1
