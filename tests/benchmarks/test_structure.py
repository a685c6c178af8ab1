"""The benchmark of structures draws what it says, and its scores tell right from wrong."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from benchmarks.structure_scores import knob_count, structure_scores, uncertain_count
from fxchain.data.signals import plucked_strings
from fxchain.files.audio_input import Audio
from fxchain.structure.audibility import FLOOR_DB, bypass_changes_db
from fxchain.structure.canonical import canonical
from fxchain.structure.named import choose
from tests.structure.test_canonical import CLEAN, CLIP, DRIVE, PEAK, ROOM, chain, effect, mix

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def marks(true, found):
    scores = structure_scores(true, found)
    return tuple(scores[key] for key in ("set", "order", "parallel", "all"))


@pytest.mark.parametrize(
    ("true", "found", "expected"),
    [
        ([], [], (True, True, True, True)),
        ([DRIVE], [], (False, False, True, False)),
        ([], [DRIVE], (False, False, True, False)),
        ([DRIVE, PEAK, CLIP], [DRIVE, PEAK, PEAK, CLIP], (True, True, True, True)),
        ([DRIVE, PEAK, CLIP], [CLIP, PEAK, DRIVE], (True, False, True, False)),
        ([DRIVE, PEAK], [DRIVE, PEAK, CLIP], (False, True, True, False)),
        ([PEAK, DRIVE, PEAK], [PEAK, DRIVE], (False, True, True, False)),
        (
            [mix(CLEAN, (0.5, [DRIVE])), PEAK],
            [mix(CLEAN, (0.5, [DRIVE, PEAK]))],
            (True,) * 3 + (False,),
        ),
        ([mix(CLEAN, (0.5, [DRIVE]))], [DRIVE], (False, True, False, False)),
    ],
)
def test_what_is_right(true, found, expected):
    assert marks(chain(*true), chain(*found)) == expected


def test_selection_and_order_correlation():
    scores = structure_scores(chain(DRIVE, PEAK, CLIP), chain(CLIP, PEAK, DRIVE))
    assert scores["selection"] == 1.0 and scores["order_correlation"] == pytest.approx(-1.0)
    scores = structure_scores(chain(DRIVE), chain(CLIP))
    assert scores["selection"] == pytest.approx(7 / 9) and scores["order_correlation"] is None


def test_knobs_are_compared_where_the_effect_was_found():
    louder = effect("distortion", drive_db=15.5)
    other = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=1.0)
    far = effect("peak_filter", cutoff_frequency_hz=60.0, gain_db=-6.0, q=1.0)
    away = structure_scores(chain(DRIVE, PEAK), chain(louder, far, other, CLIP))["distances"]
    np.testing.assert_allclose(away, [3.5 / 70.0, 0.0, 0.0, 0.0], atol=1e-12)
    assert structure_scores(chain(DRIVE, PEAK), chain(PEAK))["distances"] == [1.0, 0.0, 0.0, 0.0]
    weights = structure_scores(chain(mix(CLEAN, (0.8, []))), chain(mix((0.4, []), (0.0, []))))
    np.testing.assert_allclose(weights["distances"], [0.0, 0.05])
    assert structure_scores(chain(mix(CLEAN, (0.8, []))), chain())["distances"] == [1.0, 1.0]


def test_a_knob_that_does_nothing_in_mono_does_not_count():
    assert knob_count(chain(ROOM)) == 4
    assert knob_count(chain(ROOM), channels=2) == 5
    assert len(structure_scores(chain(ROOM), chain(ROOM))["distances"]) == 4


def test_uncertain_knobs_are_audible_ones_with_a_wide_range_or_none():
    spec = chain(DRIVE).stage.slots()[0].spec  # 70 dB
    rows = [
        {"fixed": False, "audible": True, "low": 10.0, "high": 23.0},
        {"fixed": False, "audible": True, "low": 10.0, "high": 25.0},
        {"fixed": False, "audible": True, "low": None, "high": None},
        {"fixed": False, "audible": False, "low": None, "high": None},
        {"fixed": True, "audible": None, "low": None, "high": None},
    ]
    assert uncertain_count(rows, [spec] * len(rows)) == 2


@pytest.fixture
def cases(monkeypatch):
    """Return the module of the cases, whose neighbours are imported as those of a script are."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("structure_cases")


def test_chains_are_drawn_again_equally_and_can_be_heard(cases):
    dry = Audio(plucked_strings(1.0, 44_100), 44_100, "strings")
    drawn = [cases.Case(number, "", Path()) for number in range(8)]
    for case in drawn:
        found, again = cases.hidden(case, dry), cases.hidden(case, dry)
        assert found.stage == again.stage
        np.testing.assert_array_equal(found.values, again.values)
        assert min(bypass_changes_db(found, dry.samples, 44_100).values()) >= FLOOR_DB
        slots = canonical(found).stage.slots()
        assert ("mix" in {slot.kind for slot in slots}) == (case.number % 4 == 3)


def test_a_structure_that_is_told_says_nothing_of_its_settings(cases, tmp_path):
    told = chain(PEAK, mix(CLEAN, (0.5, [DRIVE])), ROOM)
    template = choose(cases.write_structure(told, 44_100, str(tmp_path)), None, False)
    assert template.stage == told.stage and template.free.all()
    assert not np.isclose(template.values, told.values).all()
