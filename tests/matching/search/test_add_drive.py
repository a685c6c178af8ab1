"""Drives that join a chain in series where it explains too little."""

import numpy as np
import pytest

from fxchain.matching.options import MatchOptions
from fxchain.matching.search.result import FitResult
from fxchain.matching.search.schedule import fit
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.optim.budget import Budget
from fxchain.preset import Preset, parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.insert import with_drive_added
from fxchain.structure.named import named_chain
from fxchain.structure.template import InsertionTemplate, Template
from tests.known_pair import RATE, effect, known_pair

DRIVES = {"distortion", "waveshaper"}


def form(*nodes):
    stage, values, free = parse_chain({"chain": list(nodes)}, "the test's stages")
    return Candidate(stage, values, np.ones_like(free))


def driven(weight, drive_db, bias):
    stages = [effect("waveshaper", drive_db=drive_db, bias=bias)]
    return {"mix": [{"weight": 1.0 - weight, "chain": []}, {"weight": weight, "chain": stages}]}


def peak(gain_db):
    return effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=gain_db, q=0.9)


def heard(made, dry):
    return play_excerpt(made.stage, made.values, Excerpt(dry, dry, 0), RATE)


def template(grows=True):
    first = form(peak(0.0), driven(0.5, 6.0, 0.0), peak(0.0), effect("gain", gain_db=0.0))
    insertion = InsertionTemplate(form(driven(0.15, 9.0, 0.1)), form(peak(0.0))) if grows else None
    return Template("drive", first.stage, first.values, first.free, insertion=insertion)


def searched(wet_chain, grows=True) -> FitResult:
    dry = known_pair(2.0)[0].dry
    problem = Problem(dry, heard(form(*wet_chain), dry), 0, RATE, 1)
    return fit(problem, template(grows), Budget(steps=240), seed=0)


def drives(stage):
    return sum(slot.spec.name == "drive_db" for slot in stage.slots())


TWO = (driven(1.0, 24.0, 0.4), peak(-18.0), driven(1.0, 30.0, -0.2))


def test_a_second_drive_joins_and_explains_more():
    alone, together = searched(TWO, grows=False), searched(TWO)
    assert drives(alone.stage) == 1 and drives(together.stage) >= 2
    assert together.loss < 0.5 * alone.loss
    (note,) = (note for note in together.notes if "more drives in series" in note)
    assert int(note.split()[0]) == drives(together.stage) - 1


def test_nothing_joins_a_chain_that_explains_enough():
    found = searched((peak(6.0), driven(0.7, 12.0, 0.0)))
    assert found.loss < 1e-3
    assert drives(found.stage) == 1 and not found.notes


def test_it_grows_before_the_first_drive_and_behind_the_last():
    silent = {"mix": [{"weight": 1.0, "chain": []}, {"weight": 0.0, "chain": [effect("gain")]}]}
    before, behind = with_drive_added(
        form(peak(3.0), driven(0.5, 6.0, 0.0)), form(silent), form(peak(0.0))
    )
    kinds = [[slot.kind for slot in made.stage.slots()] for made in (before, behind)]
    assert kinds[0].index("gain") < kinds[0].index("waveshaper")
    assert kinds[1].index("gain") > kinds[1].index("waveshaper")
    assert with_drive_added(form(peak(3.0)), form(silent), form(peak(0.0))) == []


def test_what_joins_leaves_the_sound_and_what_is_fixed_as_they_were():
    dry = known_pair(0.5)[0].dry
    old = form(peak(3.0), driven(0.5, 6.0, 0.1), effect("gain", gain_db=-3.0))
    old.free[[1, -1]] = False
    neutral = form(driven(0.0, 9.0, 0.1))
    for made in with_drive_added(old, neutral, form(peak(0.0))):
        np.testing.assert_allclose(heard(made, dry), heard(old, dry), atol=1e-6)
        assert made.free.sum() == old.free.sum() + neutral.free.sum() + 3
        assert np.array_equal(made.values[~made.free], old.values[~old.free])


@pytest.mark.parametrize("name", ["default", "compressor-first", "drive", "amp"])
def test_chains_with_a_drive_grow_by_what_pedalboard_can_play_where_it_must(name):
    board = named_chain(name, only_pedalboard=True)
    for young in (board.insertion.drive, board.insertion.tone):
        assert Preset(young.stage, young.values, 44_100).without_twin() == []
    assert "waveshaper" in {slot.kind for slot in named_chain(name).insertion.drive.stage.slots()}


def test_chains_without_a_drive_do_not_grow():
    assert [named_chain(name).insertion for name in ("eq", "dynamics", "space")] == [None] * 3


def test_whoever_speaks_of_the_drive_keeps_it_as_it_is():
    assert MatchOptions(lock=("compressor.ratio=4",)).template().insertion is not None
    assert MatchOptions(lock=("distortion.drive_db=4",)).template().insertion is None
    clean = MatchOptions(without=("distortion",)).template()
    assert clean.insertion is None
    for other in (clean, *(alternative.template for alternative in clean.alternatives)):
        assert not DRIVES & {slot.kind for slot in other.stage.slots()}
