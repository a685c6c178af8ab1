"""Named chains, chain files, and what can be changed about them."""

import json

import numpy as np
import pytest

from fxchain.errors import MatchError, PresetError
from fxchain.matching.options import MatchOptions
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import REGISTRY
from fxchain.structure.named import NAMES, chain_from_file, choose, from_preset, named_chain
from fxchain.structure.user_edits import (
    for_channels,
    full_name,
    lock,
    require_twins,
    with_polarity,
    without,
)


def kinds(template):
    placed = effects_of(template.stage, template.values)
    return [each.effect.primitive.kind for each in placed]


def settings(template):
    slots = template.stage.slots()
    return {
        full_name(slot): (float(number), bool(free))
        for slot, number, free in zip(slots, template.values, template.free, strict=True)
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_named_chain_is_a_valid_preset_with_everything_free(name):
    template = named_chain(name)
    board = named_chain(name, only_pedalboard=True)
    assert Preset(board.stage, board.values, 44_100).without_twin() == []
    assert template.free.all() and template.free.shape == template.values.shape
    assert not template.started


def test_the_order_of_the_default_chain():
    equalizer = ["low_shelf_filter", *["peak_filter"] * 8, "high_shelf_filter"]
    assert kinds(named_chain("default")) == [
        *equalizer, "distortion", *equalizer, "compressor", "gain", "delay", "reverb"
    ]  # fmt: skip


def test_other_chains_are_grown_of_effects_with_the_same_purposes():
    grown = {name: set(named_chain(name).grows) for name in NAMES}
    filters = {k for k in REGISTRY if k.endswith("_filter") and REGISTRY[k].nature == "filter"}
    assert grown["eq"] == filters
    assert grown["drive"] == filters | {"distortion", "clipping", "waveshaper", "bitcrush"}
    assert grown["dynamics"] == filters | {"compressor", "noise_gate", "limiter"}
    assert grown["space"] == filters | {"delay", "reverb"}
    assert grown["default"] >= grown["amp"] | grown["space"] | grown["dynamics"]


@pytest.mark.parametrize("name", NAMES)
def test_only_pedalboard_grows_of_what_pedalboard_has(name):
    board = named_chain(name, only_pedalboard=True)
    assert all(REGISTRY[kind].plugin is not None for kind in board.grows)


def test_only_named_chains_with_a_drive_or_a_room_may_end_in_a_response():
    assert {name for name in NAMES if named_chain(name).response} == {
        "default", "compressor-first", "drive", "amp", "space"
    }  # fmt: skip
    assert not any(named_chain(name, response=False).response for name in NAMES)


def test_what_is_locked_or_left_out_counts_for_grown_chains_too():
    options = MatchOptions(lock=("compressor.ratio=4",), without=("reverb", "distortion"))
    template = options.template()
    assert template.locked and "reverb" not in template.grows
    assert not {"distortion", "waveshaper"} & set(template.grows)


def test_an_unknown_name_is_neither_chain_nor_file():
    with pytest.raises(MatchError, match=r"neither a chain's name .*default.* nor a file"):
        choose("tape", None, False)


def test_a_chain_file_fixes_what_it_gives(tmp_path):
    path = tmp_path / "chain.json"
    path.write_text(
        json.dumps({"chain": [{"primitive": "compressor", "parameters": {"ratio": 4}}]})
    )
    template = chain_from_file(path)
    assert settings(template)["chain[0].ratio"] == (4.0, False)
    assert settings(template)["chain[0].attack_ms"] == (10.0, True)
    assert template.name == "chain.json"


def test_a_broken_chain_file_is_named(tmp_path):
    path = tmp_path / "chain.json"
    path.write_text('{"chain": [{"primitive": "gian"}]}')
    with pytest.raises(PresetError, match=r"chain\.json"):
        choose(path, None, False)


def test_a_start_brings_its_chain_and_values():
    first = named_chain("dynamics")
    values = first.values + 0.01
    template = choose("default", Preset(first.stage, values, 44_100), False)
    assert template.started and template.free.all() and not template.grows
    np.testing.assert_array_equal(template.values, values)


def test_without_leaves_out_effects_and_keeps_the_other_values():
    template = lock(named_chain("default"), "compressor.ratio=3")
    left = without(template, ["reverb", "delay", "distortion"])
    assert kinds(left) == [k for k in kinds(template) if k not in ("reverb", "delay", "distortion")]
    assert "mix" not in {slot.kind for slot in left.stage.slots()}
    by_name = dict(zip([slot.name for slot in left.stage.slots()], left.values, strict=True))
    assert by_name["compressor.ratio"] == 3.0 and by_name["compressor.attack_ms"] == 8.0
    assert left.free.sum() == left.free.size - 1
    assert left.values.shape == (left.stage.size,)


def test_without_what_is_not_there():
    with pytest.raises(MatchError, match=r"'reverb' is not in the chain .*it has: .*compressor"):
        without(named_chain("dynamics"), ["reverb"])
    with pytest.raises(MatchError, match="'rverb' is no effect"):
        without(named_chain("default"), ["rverb"])


def test_without_everything():
    with pytest.raises(MatchError, match="nothing is left"):
        without(named_chain("eq"), set(kinds(named_chain("eq"))))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("compressor.ratio=4", 4.0),
        ("compressor.threshold_db=-30 dB", -30.0),
        ("compressor.attack_ms = 12.5ms", 12.5),
        ("compressor.release_ms=1e2", 100.0),
    ],
)
def test_lock_by_name(setting, expected):
    locked = lock(named_chain("dynamics"), setting)
    name = setting.split("=")[0].strip()
    at = [slot.name for slot in locked.stage.slots()].index(name)
    assert locked.values[at] == expected and not locked.free[at]
    assert locked.free.sum() == locked.free.size - 1


def test_lock_by_name_reaches_every_such_effect_and_by_place_only_one():
    template = named_chain("eq")
    assert (~lock(template, "peak_filter.q=1").free).sum() == 8
    locked = lock(template, "chain[3].q=2")
    assert settings(locked)["chain[3].q"] == (2.0, False)
    assert (~locked.free).sum() == 1


def test_lock_a_weight_of_a_mix():
    locked = lock(named_chain("drive"), "chain[10].mix[0].weight=0")
    assert settings(locked)["chain[10].mix[0].weight"] == (0.0, False)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("compressor.ratio", "write it as"),
        ("compressor.ratio=loud", "write it as"),
        ("compressor.ratio=1.2.3", "1.2.3"),
        ("compressor.knee=3", "not in the chain .*compressor.ratio"),
        ("reverb.width=1", "not in the chain"),
        ("compressor.ratio=99", r"outside \[1, 20\]"),
        ("compressor.ratio=4 dB", "without a unit"),
        ("compressor.attack_ms=4 s", "given in ms"),
    ],
)
def test_a_lock_that_makes_no_sense(setting, reason):
    with pytest.raises(MatchError, match=reason) as raised:
        lock(named_chain("dynamics"), setting)
    assert "\n" not in str(raised.value) and setting in str(raised.value)


def test_an_inverted_pair_gets_one_invert_at_the_end():
    template = named_chain("dynamics")
    turned = with_polarity(template, -1)
    assert kinds(turned) == [*kinds(template), "invert"]
    np.testing.assert_array_equal(turned.values, template.values)
    assert kinds(with_polarity(turned, -1)) == kinds(turned)
    assert with_polarity(template, 1) is template
    slots = [full_name(slot) for slot in turned.stage.slots()]
    assert slots == [full_name(slot) for slot in template.stage.slots()]


def test_a_start_that_inverts_already_is_left_alone():
    turned = with_polarity(named_chain("dynamics"), -1)
    start = from_preset(Preset(turned.stage, turned.values, 44_100), "start")
    assert with_polarity(start, -1) is start
    assert turned.inverted and not start.inverted


def test_the_width_of_a_reverb_is_fixed_in_mono_alone():
    template = named_chain("space")
    fixed = settings(for_channels(template, 1))
    assert [name for name, (_, free) in fixed.items() if not free] == ["chain[12].width"]
    assert for_channels(template, 2).free.all()


def test_only_pedalboard_refuses_a_stage_without_a_twin(tmp_path):
    path = tmp_path / "chain.json"
    path.write_text('{"chain": [{"primitive": "waveshaper"}]}')
    with pytest.raises(MatchError, match=r"chain\[0\] \(waveshaper\)"):
        require_twins(chain_from_file(path))


def test_a_former_name_still_chooses_the_chain():
    assert choose("squeezed", None, only_pedalboard=False).name == "compressor-first"
