"""The amount of a style as a macro: the same as applying another amount."""

import numpy as np
import pytest

from fxchain.preset import Preset
from fxchain.render import render
from fxchain.transferring.amount import scaled, with_gain
from fxchain.transferring.amount_macro import with_amount
from fxchain.transferring.dimensions import DIMENSIONS
from tests.transferring.test_amount import CHAIN, MIX, RATE, effect, preset, stereo


def applied(whole, amount, levelled=None):
    part = scaled(whole, amount, DIMENSIONS)
    return with_amount(
        whole, part if levelled is None else levelled(part), amount, DIMENSIONS, levelled
    )


@pytest.mark.parametrize("amount", [40.0, 100.0])
def test_turning_it_is_applying_another_amount(amount):
    whole, audio = preset(*CHAIN), stereo()
    part = applied(whole, amount).preset
    (macro,) = part.macros
    assert (macro.name, macro.value, macro.unit) == ("amount", amount, "%")
    for other in (10.0, 65.0, 100.0):
        expected = scaled(whole, other, DIMENSIONS).preset
        turned = part.with_macros({"amount": other})
        assert turned.values == pytest.approx(expected.values, rel=1e-9, abs=1e-9)
    silent = render(part.with_macros({"amount": 0}), audio, RATE)
    np.testing.assert_allclose(silent, audio, atol=1e-5)


def test_an_effect_that_is_always_heard_is_mixed_by_the_macro():
    whole = preset(effect("distortion", drive_db=20.0), CHAIN[3])
    part = applied(whole, 30.0).preset
    expected = scaled(whole, 80.0, DIMENSIONS).preset
    assert part.with_macros({"amount": 80}).values == pytest.approx(expected.values)
    assert applied(whole, 100.0).preset.macros == ()  # it stands alone there
    assert applied(whole, 0.0).preset.macros == ()


def test_the_gain_that_keeps_the_loudness_follows_a_curve():
    whole = preset(CHAIN[0], MIX)

    def levelled(part):
        bare = np.abs(render(part.preset, stereo(), RATE)).max()
        return with_gain(part, -3.0 * float(bare))

    part = applied(whole, 60.0, levelled).preset
    for other in (25.0, 75.0, 100.0):
        expected = levelled(scaled(whole, other, DIMENSIONS)).preset
        turned = part.with_macros({"amount": other})
        assert turned.values == pytest.approx(expected.values, rel=1e-6, abs=1e-6)


def test_it_comes_back_from_a_file():
    part = applied(preset(*CHAIN), 70.0).preset
    assert Preset.from_json(part.to_json()).to_json() == part.to_json()
