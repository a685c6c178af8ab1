"""Chains before a measured response that explain hardly more than it does by itself."""

import numpy as np
import pytest
from scipy.signal import fftconvolve

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.data.signals import white_noise
from fxchain.fir.impulse_response_fit import measure_response
from fxchain.matching.search.drop_redundant_chain import drop_redundant_chain
from fxchain.matching.search.response_stage import describe, with_response
from fxchain.matching.search.schedule import fit
from fxchain.matching.search.state import Search
from fxchain.objectives.excerpt import LOUDNESS_WEIGHTING
from fxchain.optim.base import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from fxchain.structure.template import Template
from tests.known_pair import RATE, effect

RESPONSE_SECONDS, SECONDS = 8.0, 60.0


def _search(driven: bool, held: bool = False, seconds_left: float | None = None) -> Search:
    """Return a search that has found a device of a chain, a response and some noise."""
    drive = [effect("distortion", drive_db=20.0)] if driven else []
    peak = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=3.0, q=0.9)
    stage, values, free = parse_chain({"chain": [peak, *drive]}, "the test's chain")
    form = Candidate(stage, values, np.ones_like(free))
    dry = 0.1 * white_noise(3.0, RATE, 0)
    played = stage.plugin(Playback(RATE), values)(dry, RATE)
    hidden = white_noise(0.02, RATE, 1) * np.geomspace(1.0, 1e-3, round(0.02 * RATE))
    wet = fftconvolve(played, hidden, axes=-1)[:, : dry.shape[-1]]
    wet = (wet + 0.1 * np.std(wet) * white_noise(3.0, RATE, 2)).astype(np.float32)
    template = Template("test", form.stage, form.values, form.free, held=held)
    budget = Budget(steps=100)
    if seconds_left is not None:
        budget = Budget(seconds=SECONDS, clock=lambda: SECONDS - seconds_left, started=0.0)
    search = Search((Problem(dry, wet, 0, RATE, 1),), template, budget, 0)
    search.response = measure_response([AlignedAudio(played, wet, 0)], RATE)
    assert search.response is not None
    search.form = with_response(form, search.response)
    search.response_seconds = RESPONSE_SECONDS
    search.notes = ("a biased waveshaper", describe(search.response))
    search.keep(search.objective(search.long).cube(search.form.values))
    return search


def _kinds(search: Search) -> list[str]:
    assert search.best is not None
    return [slot.kind for slot in search.best.form.stage.slots()]


def test_a_filter_before_a_response_goes() -> None:
    search = _search(driven=False)
    assert "peak_filter" in _kinds(search) and search.best is not None
    before = search.best.loss
    drop_redundant_chain(search)
    assert _kinds(search) == ["gain", "convolution"]
    assert search.loudness_weighting == 0.0
    assert search.best.loss == pytest.approx(before, rel=0.1)
    assert search.response is not None
    assert search.notes == (describe(search.response),)
    cube = search.return_to_best()
    assert search.best.loss == search.objective(search.long).losses(cube[None])[0]


def test_a_drive_before_a_response_stays() -> None:
    search = _search(driven=True)
    kinds = _kinds(search)
    drop_redundant_chain(search)
    assert "distortion" in kinds and _kinds(search) == kinds
    assert search.loudness_weighting == LOUDNESS_WEIGHTING and len(search.notes) == 2


@pytest.mark.parametrize(("held", "seconds_left"), [(True, None), (False, 0.2 * RESPONSE_SECONDS)])
def test_a_filter_stays_where_it_is_held_or_no_time_is_left(
    held: bool, seconds_left: float | None
) -> None:
    search = _search(driven=False, held=held, seconds_left=seconds_left)
    drop_redundant_chain(search)
    assert "peak_filter" in _kinds(search)


def test_time_that_is_left_is_used() -> None:
    search = _search(driven=False, seconds_left=0.5 * RESPONSE_SECONDS)
    drop_redundant_chain(search)
    assert "peak_filter" not in _kinds(search)


def test_without_a_response_nothing_is_dropped() -> None:
    search = _search(driven=False)
    search.response = None
    drop_redundant_chain(search)
    assert "peak_filter" in _kinds(search)


def test_a_fit_of_a_noisy_filter_ends_as_a_response_alone() -> None:
    (problem,) = _search(driven=False).problems
    found = fit(problem, named_chain("drive"), Budget(steps=60), seed=0)
    assert [slot.kind for slot in found.stage.slots()] == ["gain", "convolution"]
