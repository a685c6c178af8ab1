"""Derivatives of plug-ins of other makers are differences of what they play."""

import numpy as np
import pytest
import torch

from fxchain.data.signals import plucked_strings
from fxchain.hosting.hosted_plugin import inspected
from fxchain.hosting.probing import probed
from fxchain.player import Playback
from fxchain.primitives import get_primitive
from fxchain.primitives.external import external
from fxchain.stage import Chain, Effect
from tests.hosting.plugins import file_of, needs_plugins

RATE = 44_100
HERE = Playback(float(RATE))
DRY = torch.from_numpy(plucked_strings(0.3, RATE, seed=2))

pytestmark = needs_plugins


def behind_a_gain(name: str, **values: float) -> tuple[Chain, torch.Tensor]:
    known = probed(inspected(file_of(name)), RATE)
    chain = Chain((Effect(get_primitive("gain")), Effect(external(known))))
    found = [values.get(slot.spec.name, slot.spec.default) for slot in chain.slots()]
    return chain, torch.tensor(found, dtype=torch.float64)


def moved(chain: Chain, values: torch.Tensor, index: int, step: float) -> np.ndarray:
    """Return the central difference of the output by a value."""
    outputs = []
    for sign in (1.0, -1.0):
        other = values.clone()
        other[index] += sign * step
        outputs.append(chain.process(DRY[None], HERE, other[None])[0].numpy())
    return (outputs[0] - outputs[1]) / (2.0 * step)


@pytest.mark.parametrize(
    ("name", "knob"), [("ZamComp", "threshold_db"), ("ZamDelay", "lpf_hz"), ("ZamAutoSat", None)]
)
def test_second_order_steps_see_the_knobs_and_what_stands_before(name, knob):
    chain, values = behind_a_gain(name, threshold_db=-35.0, ratio=4.0, gain_db=6.0)
    names = [slot.spec.name for slot in chain.slots()]
    wanted = [0] + ([] if knob is None else [names.index(knob)])
    assert all(chain.slots()[index].has_jacobian for index in wanted)
    active = np.zeros(len(values), dtype=bool)
    active[wanted] = True
    _, columns = chain.linearize(DRY, DRY.new_zeros(0, *DRY.shape), HERE, values, active)
    for column, index in zip(columns.numpy(), wanted, strict=True):
        spec = chain.slots()[index].spec
        expected = moved(chain, values, index, 2e-3 * (spec.high - spec.low))
        assert np.linalg.norm(column - expected) < 0.02 * np.linalg.norm(expected)


def test_gradients_pass_along_the_curve_of_what_is_memoryless():
    chain, values = behind_a_gain("ZamAutoSat", gain_db=6.0)
    assert chain.slots()[0].autograd_sees
    values.requires_grad_()
    chain.process(DRY[None], HERE, values[None]).square().sum().backward()
    output = chain.process(DRY[None], HERE, values.detach()[None])[0].numpy()
    expected = 2.0 * np.vdot(output, moved(chain, values.detach(), 0, 0.05))
    assert float(values.grad[0]) == pytest.approx(expected, rel=0.01)


def test_choices_have_no_derivative_and_stay_whole():
    chain, _ = behind_a_gain("ZamDelay")
    slots = {slot.spec.name: slot for slot in chain.slots()}
    assert not slots["divisor"].has_jacobian and not slots["time_ms"].has_jacobian
    position = torch.tensor([0.0, 0.3, 0.6, 1.0], dtype=torch.float64)
    assert slots["divisor"].spec.denormalize(position).tolist() == [0.0, 1.0, 2.0, 4.0]
