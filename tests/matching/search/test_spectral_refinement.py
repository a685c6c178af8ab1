"""The steps by waveform and spectra at the end of a search."""

import numpy as np
import pytest
import scipy.signal

from fxchain.data.signals import white_noise
from fxchain.matching.search.schedule import fit
from fxchain.matching.search.spectral_refinement import PRICE, SpectralRefinement
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.mean_error import AnyObjective, make_objective
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.template import Template
from tests.known_pair import RATE, known_pair

BASS_HZ, SHELF_HZ, TREBLE_HZ = 60.0, 4_000.0, 5_000.0


def _band(audio: np.ndarray, kind: str) -> np.ndarray:
    """Return the bass ("low") or the treble ("high")."""
    hz = {"low": BASS_HZ, "high": TREBLE_HZ}[kind]
    return scipy.signal.sosfilt(scipy.signal.butter(8, hz, kind, fs=RATE, output="sos"), audio)


def _noise(kind: str, seed: int, level: float) -> np.ndarray:
    """Return noise of a band, its root mean square at a level."""
    noise = _band(white_noise(2.0, RATE, seed), kind)
    return level * noise / np.std(noise)


def _device() -> Problem:
    """Return a device whose faint treble has the level of the dry one's, but none of its phases.

    Of the bass a tenth cannot be met either.
    """
    bass = _noise("low", 0, 0.1)
    dry = bass + _noise("high", 1, 0.002)
    wet = bass + _noise("low", 2, 0.01) + _noise("high", 3, 0.002)
    return Problem(dry.astype(np.float32), wet.astype(np.float32), 0, RATE, 1)


def _shelf(bent: bool = False) -> Candidate:
    settings = {"cutoff_frequency_hz": SHELF_HZ, "q": 0.7}
    effect = {"primitive": "high_shelf_filter", "parameters": settings}
    drive = [{"primitive": "waveshaper", "parameters": {"drive_db": 0.0}}] if bent else []
    stage, values, _ = parse_chain({"chain": [effect, *drive, {"primitive": "gain"}]}, "test")
    free = np.array([slot.spec.name == "gain_db" for slot in stage.slots()])
    return Candidate(stage, values, free)


def _objective(form: Candidate, *problems: Problem) -> AnyObjective:
    excerpts = [Excerpt(problem.dry, problem.wet, 0) for problem in problems]
    return make_objective(form.stage, form.values, form.free, excerpts, RATE)


def _finished(objective: AnyObjective, cube: np.ndarray) -> tuple[np.ndarray, Budget]:
    budget = Budget(steps=20)
    return SpectralRefinement().minimize(objective, cube, budget).cube, budget


def _least_error(objective: AnyObjective) -> np.ndarray:
    grid = [np.array([x, y]) for x in np.linspace(0, 1, 61) for y in np.linspace(0.4, 0.6, 21)]
    return min(grid, key=lambda cube: objective.losses(cube[None])[0])


@pytest.mark.parametrize("recordings", [1, 2])
def test_treble_gets_its_level_where_its_phases_cannot_be_met(recordings: int) -> None:
    form, problem = _shelf(), _device()
    objective = _objective(form, *[problem] * recordings)
    start = _least_error(objective)
    end, _ = _finished(objective, start)
    errors, distances = zip(*(objective.spectral(cube)[:2] for cube in (start, end)), strict=True)
    fallen = distances[0] - distances[1]
    assert fallen > 0.1
    assert errors[1] <= errors[0] * (1.0 + PRICE * fallen)
    wanted = np.std(_band(problem.wet, "high"))
    levels_db = []
    for cube in (start, end):
        board = form.stage.plugin(Playback(RATE), objective.values(cube))
        levels_db.append(20.0 * np.log10(np.std(_band(board(problem.dry, RATE), "high")) / wanted))
    assert levels_db[0] < -6.0
    assert abs(levels_db[1]) < 0.5 * abs(levels_db[0])


def test_a_chain_that_is_right_stays() -> None:
    problem, stage, values = known_pair(1.0)
    form = Candidate(stage, values, np.array([slot.spec.name != "width" for slot in stage.slots()]))
    objective = _objective(form, problem)
    truth = objective.cube(values)
    end, _ = _finished(objective, truth)
    assert objective.losses(end[None])[0] <= 1e-8
    np.testing.assert_allclose(end, truth, atol=1e-2)


def test_nothing_free_is_left_as_it_is() -> None:
    form = _shelf()
    form = Candidate(form.stage, form.values, np.zeros(len(form.free), dtype=bool))
    objective = _objective(form, _device())
    end, budget = _finished(objective, np.zeros(0))
    assert end.size == 0 and budget.taken == 0


def test_the_distances_gradient_is_its_slope() -> None:
    form = _shelf()
    objective = _objective(form, _device())
    cube, step = np.array([0.55, 0.5]), 1e-3
    _, _, gradient = objective.spectral(cube)
    for at in range(2):
        moved = [cube + sign * step * np.eye(2)[at] for sign in (1.0, -1.0)]
        up, down = (objective.spectral(each)[1] for each in moved)
        assert gradient[at] == pytest.approx((up - down) / (2.0 * step), rel=0.02)


@pytest.mark.parametrize(("much", "bent"), [(True, True), (False, True), (True, False)])
def test_a_search_ends_with_it_where_much_is_left_of_a_waveshaper(much: bool, bent: bool) -> None:
    form, problem = _shelf(bent), _device()
    if not much:
        excerpt = Excerpt(problem.dry, problem.wet, 0)
        wet = play_excerpt(form.stage, form.values, excerpt, RATE)
        problem = Problem(problem.dry, wet, 0, RATE, 1)
    template = Template("shelf", form.stage, form.values, form.free)
    found = fit(problem, template, Budget(steps=40), seed=0)
    assert ("spectra" in {entry["phase"] for entry in found.history}) is (much and bent)
