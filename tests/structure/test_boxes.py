"""The boxes of a chain: one for each effect, bands of a run as one equalizer."""

from fxchain.structure.boxes import boxes, flattened
from tests.structure.test_canonical import CLEAN, CLIP, DRIVE, HIGH, PEAK, SHELF, chain, mix


def test_bands_of_a_run_are_one_equalizer():
    found = chain(HIGH, PEAK, {"chain": [SHELF]}, DRIVE, PEAK)
    drawn = boxes(found.stage, found.values)
    assert [box.kind for box in drawn] == [
        *("highpass_filter", "equalizer", "distortion", "equalizer")
    ]
    first = drawn[1]
    assert [band.path for band in first.effects] == ["chain[1]", "chain[2].chain[0]"]
    assert first.effects[1].values[1] == -4.0
    assert first.path == "chain[1]"


def test_a_mix_has_its_branches():
    found = chain(mix(CLEAN, (0.6, [PEAK, CLIP])))
    (box,) = boxes(found.stage, found.values)
    assert [branch.weight for branch in box.branches] == [0.4, 0.6]
    assert [branch.path for branch in box.branches] == ["chain[0].mix[0]", "chain[0].mix[1]"]
    assert box.branches[0].boxes == ()
    assert [each.kind for each in flattened([box])] == ["mix", "equalizer", "clipping"]
