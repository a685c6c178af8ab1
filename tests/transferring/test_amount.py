"""The amount and the dimensions of a style that are applied."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.preset import Preset, parse_chain
from fxchain.render import render
from fxchain.transferring.amount import scaled, with_gain
from fxchain.transferring.dimensions import DIMENSIONS, checked_dimensions

RATE = 16_000


def effect(kind, **parameters):
    return {"primitive": kind, "parameters": parameters}


MIX = {
    "mix": [
        {"weight": 0.6, "chain": []},
        {"weight": 0.5, "chain": [effect("distortion", drive_db=14.0)]},
    ]
}
CHAIN = [
    effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=0.9),
    MIX,
    effect("compressor", threshold_db=-24.0, ratio=4.0, attack_ms=5.0, release_ms=90.0),
    effect("gain", gain_db=-2.0),
    effect("stereo", width=1.5, balance_db=2.0),
    effect("reverb", room_size=0.4, damping=0.3, wet_level=0.2, dry_level=0.4, width=1.0),
]


def part(whole, amount, dimensions):
    return scaled(whole, amount, dimensions).preset


def preset(*nodes):
    stage, values, _ = parse_chain({"chain": list(nodes)}, "the test's chain")
    return Preset(stage, values, RATE)


def values_of(found):
    return {slot.name: float(v) for slot, v in zip(found.stage.slots(), found.values, strict=True)}


def stereo():
    return np.concatenate([plucked_strings(2.0, RATE, seed=seed) for seed in (1, 2)])


def test_nothing_of_it_is_the_input_sample_for_sample():
    nothing = part(preset(*CHAIN), 0.0, DIMENSIONS)
    audio = stereo()
    assert np.array_equal(render(nothing, audio, RATE), audio)


def test_all_of_it_is_all_of_it():
    whole = preset(*CHAIN)
    some = part(whole, 100.0, DIMENSIONS)
    assert np.array_equal(render(some, stereo(), RATE), render(whole, stereo(), RATE))


def test_half_of_it_lies_half_way_in_the_unit_cube():
    some = values_of(part(preset(*CHAIN), 50.0, DIMENSIONS))
    assert some["peak_filter.gain_db"] == pytest.approx(3.0)
    assert some["peak_filter.cutoff_frequency_hz"] == 900.0
    assert some["compressor.ratio"] == pytest.approx(2.0)
    assert some["compressor.threshold_db"] == -24.0
    assert some["reverb.wet_level"] == pytest.approx(0.1)
    assert some["reverb.dry_level"] == pytest.approx(0.45)
    assert some["stereo.width"] == pytest.approx(1.25)


def test_the_sound_changes_by_degrees():
    whole, audio = preset(*CHAIN), stereo()
    changes = [
        np.linalg.norm(render(part(whole, amount, DIMENSIONS), audio, RATE) - audio)
        for amount in (0.0, 25.0, 50.0, 75.0, 100.0)
    ]
    assert changes == sorted(changes) and changes[1] > 0.1 * changes[-1]


@pytest.mark.parametrize(
    ("dimension", "kinds"),
    [
        ("tone", {"peak_filter"}),
        ("drive", {"mix", "distortion"}),
        ("dynamics", {"compressor"}),
        ("level", {"gain"}),
        ("width", {"stereo"}),
        ("space", {"reverb"}),
    ],
)
def test_one_dimension_is_its_effects_alone(dimension, kinds):
    some = part(preset(*CHAIN), 100.0, [dimension])
    assert {slot.kind for slot in some.stage.slots()} == kinds


def test_branches_of_weight_0_are_left_out():
    """The clean branch of a drive that has taken over all of the sound."""
    driven = {"mix": [{**MIX["mix"][0], "weight": 0.0}, MIX["mix"][1]]}
    whole = preset(driven, CHAIN[3])
    some = part(whole, 100.0, DIMENSIONS)
    assert [slot.name for slot in some.stage.slots()] == [
        "mix.weight",
        "distortion.drive_db",
        "gain.gain_db",
    ]
    assert np.array_equal(render(some, stereo(), RATE), render(whole, stereo(), RATE))
    half = values_of(part(whole, 50.0, DIMENSIONS))
    assert half["mix.weight"] == pytest.approx(0.25)
    assert len(part(whole, 50.0, DIMENSIONS).stage.slots()) == 4


def test_an_effect_that_is_always_heard_stands_beside_the_clean_sound():
    whole = preset(effect("distortion", drive_db=20.0))
    audio = stereo()
    found = render(part(whole, 25.0, DIMENSIONS), audio, RATE)
    expected = 0.75 * audio + 0.25 * render(whole, audio, RATE)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_gain_is_moved_or_added():
    moved = with_gain(scaled(preset(*CHAIN), 100.0, DIMENSIONS), 3.0)
    assert values_of(moved.preset)["gain.gain_db"] == pytest.approx(1.0)
    added = with_gain(scaled(preset(MIX), 100.0, DIMENSIONS), 3.0)
    assert values_of(added.preset)["gain.gain_db"] == pytest.approx(3.0)
    assert list(added.sources) == [0, 1, 2, -1]


@pytest.mark.parametrize("amount", [-1.0, 101.0, float("nan")])
def test_an_amount_that_is_no_share_is_refused(amount):
    with pytest.raises(MatchError, match="--amount"):
        part(preset(*CHAIN), amount, DIMENSIONS)


@pytest.mark.parametrize("names", [["tune"], []])
def test_dimensions_that_are_none_are_refused(names):
    with pytest.raises(MatchError, match="--match"):
        checked_dimensions(names)


def test_values_are_traced_to_the_whole():
    """What lies in front has been left out; what has been added belongs to no control of it."""
    whole = preset(effect("gain", gain_db=0.0), *CHAIN[:2], effect("distortion", drive_db=20.0))
    some = scaled(whole, 50.0, DIMENSIONS)
    names = [slot.name for slot in some.preset.stage.slots()]
    slots = whole.stage.slots()
    traced = [slots[at].name if at >= 0 else "new" for at in some.sources]
    assert traced[:-3] == names[:-3] and traced[-3:] == ["new", "new", "distortion.drive_db"]


def test_a_mix_that_is_the_whole_chain_is_scaled_as_one_in_a_chain_is():
    stage, values, _ = parse_chain(MIX, "the test's mix")
    half = scaled(Preset(stage, values, RATE), 50.0, ["drive"]).preset
    within = scaled(preset(MIX), 50.0, ["drive"]).preset
    assert half.stage == within.stage
    np.testing.assert_array_equal(half.values, within.values)
    assert not scaled(Preset(stage, values, RATE), 50.0, ["tone"]).preset.stage.slots()
