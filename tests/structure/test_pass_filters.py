"""High-passes and low-passes whose cut-offs are exchanged sound the same."""

import numpy as np
import pytest

from fxchain.metrics.scores import esr
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.structure.candidate import Candidate
from fxchain.structure.pass_filters import with_passes_in_order

torch = pytest.importorskip("torch")


def effect(kind, **parameters):
    return {"primitive": kind, "parameters": parameters}


def passes(*corners_hz):
    return [
        effect(f"{kind}pass_filter", cutoff_frequency_hz=hz)
        for kind, hz in zip(("high", "low") * 2, corners_hz, strict=False)
    ]


PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=1.0)
DRIVE = effect("distortion", drive_db=30.0)


def candidate(*nodes, locked=False):
    stage, values, _ = parse_chain({"chain": list(nodes)}, "the chain")
    free = np.ones(stage.size, dtype=bool)
    free[:1] = not locked
    return Candidate(stage, values, free)


def played(found, sample_rate):
    audio = torch.from_numpy(np.random.default_rng(1).standard_normal((1, 1, 8_000)) * 0.3)
    return found.stage.process(audio, Playback(sample_rate), torch.tensor(found.values)[None])[0]


def corners_hz(found, kind):
    slots = found.stage.slots()
    return [v for s, v in zip(slots, found.values, strict=True) if s.kind == f"{kind}pass_filter"]


@pytest.mark.parametrize("sample_rate", [22_050, 44_100, 96_000])
@pytest.mark.parametrize("between", [(), (PEAK,)])
def test_a_high_pass_above_a_low_pass_becomes_one_below_it(sample_rate, between):
    high, low = passes(5_000.0, 200.0)
    found = candidate(high, *between, low, DRIVE)
    form = with_passes_in_order(found, sample_rate)
    assert corners_hz(form, "high") == [200.0] and corners_hz(form, "low") == [5_000.0]
    assert esr(played(found, sample_rate).numpy(), played(form, sample_rate).numpy()) < 1e-12
    drive_db = form.values[-1]
    assert drive_db < 10.0  # what made up for the level is part of the drive no more
    assert len(form.values) == len(found.values)


def test_two_of_each_and_what_is_inside_a_mix_are_put_in_order():
    found = candidate(*passes(3_000.0, 90.0, 60.0, 9_000.0), DRIVE)
    form = with_passes_in_order(found, 44_100)
    assert sorted(corners_hz(form, "high")) == [60.0, 90.0]
    assert sorted(corners_hz(form, "low")) == [3_000.0, 9_000.0]
    assert esr(played(found, 44_100).numpy(), played(form, 44_100).numpy()) < 1e-12
    branch = {"weight": 0.5, "chain": [*passes(3_000.0, 90.0), DRIVE]}
    inside = candidate({"mix": [{"weight": 0.5, "chain": []}, branch]})
    form = with_passes_in_order(inside, 44_100)
    assert corners_hz(form, "high") == [90.0]
    assert esr(played(inside, 44_100).numpy(), played(form, 44_100).numpy()) < 1e-12


@pytest.mark.parametrize(
    "found",
    [
        candidate(*passes(90.0, 6_000.0), DRIVE),
        candidate(passes(5_000.0)[0], DRIVE, passes(20.0, 200.0)[1]),
        candidate(*passes(5_000.0, 200.0), locked=True),
        candidate(),
    ],
    ids=["in order", "a drive between them", "locked", "nothing"],
)
def test_what_stays(found):
    assert with_passes_in_order(found, 44_100) is found
