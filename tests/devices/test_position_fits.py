"""One structure fitted to each capture by itself, also where a value has moved far."""

import numpy as np

from fxchain.data.signals import white_noise
from fxchain.devices import position_fits
from fxchain.devices.captures import Captures, DeviceKnob
from fxchain.devices.following import find_following
from fxchain.devices.position_fits import Device, fit_positions
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.problem import Problem
from fxchain.render import render
from fxchain.stage import Chain, Effect
from fxchain.structure.candidate import Candidate

RATE = 22_050
STAGE = Chain((Effect(REGISTRY["peak_filter"]), Effect(REGISTRY["peak_filter"])))
NEAR = np.array([300.0, 8.0, 1.0, 900.0, -8.0, 1.0])
FAR = np.array([300.0, 8.0, 1.0, 7000.0, -8.0, 1.0])


def device():
    """Return two captures between which a filter goes from 900 Hz to 7 kHz."""
    dry = np.atleast_2d(white_noise(1.5, RATE, seed=5)).astype(np.float32)
    wets = [render(Preset(STAGE, values, RATE), dry, RATE) for values in (NEAR, FAR)]
    sources = tuple(PairSource(dry, wet, f"{at}") for at, wet in enumerate(wets))
    captures = Captures(sources, (DeviceKnob("tone"),), np.array([[0.0], [10.0]]))
    return Device(captures, tuple(Problem(dry, wet, 0, RATE, 1) for wet in wets), RATE)


def found():
    candidate = Candidate(STAGE, NEAR, np.ones(6, dtype=bool))
    return fit_positions(candidate, device(), 0, Budget())


def test_a_value_that_has_moved_far_is_found():
    fits = found()
    assert fits.losses.max() < 1e-7
    values = fits.vector.values(fits.cubes[1])
    assert np.allclose(np.sort(values[[0, 3]]), [300.0, 7000.0], rtol=1e-2)
    assert fits.latency_shifts == (0.0, 0.0)


def test_second_order_steps_alone_would_not_get_there(monkeypatch):
    monkeypatch.setattr(position_fits, "scanned", lambda begin, excerpt, sample_rate: begin)
    assert found().losses[1] > 1e-3


def test_values_that_were_found_with_a_latency_begin_with_it():
    kinds = ("highpass_filter", *("peak_filter",) * 4, "lowpass_filter")
    stage = Chain(tuple(Effect(REGISTRY[kind]) for kind in kinds))
    bands = [
        *(200.0, 8.0, 1.0, 900.0, -8.0, 1.0, 2_500.0, 6.0, 2.0, 5_000.0, -6.0, 0.8),
    ]
    values = np.array([60.0, *bands, 7_000.0])
    other = np.array([180.0, *bands, 7_000.0])
    dry = np.atleast_2d(white_noise(1.5, RATE, seed=6)).astype(np.float32)
    wets = [render(Preset(stage, each, RATE), dry, RATE) for each in (values, other)]
    early = [np.concatenate([wet[:, 1:], wet[:, :1]], axis=1) for wet in wets]
    sources = tuple(PairSource(dry, wet, f"{at}") for at, wet in enumerate(early))
    captures = Captures(sources, (DeviceKnob("bass"),), np.array([[0.0], [10.0]]))
    problems = tuple(Problem(dry, wet, 0, RATE, 1) for wet in early)
    candidate = Candidate(stage, values, np.ones(len(values), dtype=bool), None, (-1.0,))
    fits = fit_positions(candidate, Device(captures, problems, RATE), 0, Budget())
    assert fits.losses.max() < 1e-6
    np.testing.assert_allclose(fits.latency_shifts, -1.0, atol=0.01)
    np.testing.assert_allclose(fits.vector.values(fits.cubes[1]), other, rtol=0.02)


def test_a_position_where_the_chain_has_nothing_to_do_is_fitted_too():
    dry = np.atleast_2d(white_noise(1.5, RATE, seed=7)).astype(np.float32)
    wets = (dry, np.clip(dry, -0.5, 0.5))
    sources = tuple(PairSource(dry, wet, f"{at}") for at, wet in enumerate(wets))
    captures = Captures(sources, (DeviceKnob("tone"),), np.array([[0.0], [10.0]]))
    problems = tuple(Problem(dry, wet, 0, RATE, 1) for wet in wets)
    nothing = Candidate(Chain(()), np.zeros(0), np.zeros(0, dtype=bool))
    device = Device(captures, problems, RATE)
    fits = fit_positions(nothing, device, 0, Budget())
    joint = find_following(fits.members(device), fits.layout(device), fits.cubes, Budget())
    assert joint.layout.numbers == 0
    np.testing.assert_allclose(joint.loss, np.mean(fits.losses), rtol=1e-6)
    assert fits.losses[0] == 0.0 and fits.losses[1] > 1e-3 and fits.cubes.shape == (2, 0)
