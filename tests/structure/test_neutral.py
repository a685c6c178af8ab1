"""Values at which a chain does nothing."""

import numpy as np

from fxchain.data.signals import plucked_strings
from fxchain.preset import Preset, parse_chain
from fxchain.render import render
from fxchain.structure.candidate import Candidate
from fxchain.structure.neutral import PROCESSED_WEIGHT, neutral_candidate, neutral_values

RATE = 16_000
GAIN = {"primitive": "gain", "parameters": {"gain_db": -5.0}}
DRIVE = {"primitive": "distortion", "parameters": {"drive_db": 18.0}}


def chain(*nodes):
    stage, values, _ = parse_chain({"chain": list(nodes)}, "the test's chain")
    return stage, values


def mix(*branches):
    return {"mix": [{"weight": weight, "chain": list(nodes)} for weight, nodes in branches]}


def by_name(stage, values):
    found: dict[str, list[float]] = {}
    for slot, value in zip(stage.slots(), values, strict=True):
        found.setdefault(slot.name, []).append(float(value))
    return found


def test_a_neutral_chain_leaves_audio_as_it_is():
    compressor = {
        "primitive": "compressor",
        "parameters": {"threshold_db": -30.0, "ratio": 4.0, "attack_ms": 5.0, "release_ms": 80.0},
    }
    stage, values = chain(GAIN, mix((0.3, []), (0.9, [DRIVE])), compressor)
    audio = plucked_strings(1.0, RATE)
    neutral = Preset(stage, neutral_values(stage, values), RATE)
    np.testing.assert_allclose(render(neutral, audio, RATE), audio, atol=1e-7)


def test_branches_stay_unless_asked_for():
    stage, values = chain(mix((0.3, []), (0.9, [GAIN, DRIVE])))
    found = by_name(stage, neutral_values(stage, values))
    assert found == {
        "mix.weight": [1.0, 0.0],
        "gain.gain_db": [-5.0],
        "distortion.drive_db": [18.0],
    }
    inside = by_name(stage, neutral_values(stage, values, 0.2, inside_branches=True))
    assert inside == {
        "mix.weight": [1.0, 0.2],
        "gain.gain_db": [0.0],
        "distortion.drive_db": [18.0],
    }


def test_a_mix_inside_a_branch_stays_as_well():
    inner = mix((0.4, []), (0.6, [DRIVE]))
    stage, values = chain(mix((0.3, []), (0.9, [inner])))
    assert by_name(stage, neutral_values(stage, values))["mix.weight"] == [1.0, 0.0, 0.4, 0.6]


def test_a_mix_without_a_clean_branch_keeps_its_weights():
    stage, values = chain(mix((0.3, [GAIN]), (0.9, [DRIVE])))
    np.testing.assert_array_equal(neutral_values(stage, values), values)


def test_a_candidate_keeps_what_is_not_free_and_a_weight_that_has_a_slope():
    stage, values = chain(GAIN, mix((0.3, []), (0.9, [GAIN, DRIVE])))
    free = np.array([slot.name != "gain.gain_db" or "mix" in slot.path for slot in stage.slots()])
    found = by_name(stage, neutral_candidate(Candidate(stage, values, free)).values)
    assert found["gain.gain_db"] == [-5.0, 0.0]
    assert found["mix.weight"] == [1.0, PROCESSED_WEIGHT]
