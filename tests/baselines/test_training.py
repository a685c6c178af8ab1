"""Training learns, keeps to its budget, hears only what it may, and repeats."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from fxchain.baselines.recipes import RECIPES
from fxchain.baselines.segments import Material
from fxchain.baselines.training import train
from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.metrics.scores import esr
from fxchain.optim.budget import Budget
from fxchain.session.process_state import torch_settings

RATE = 16_000


@pytest.fixture(autouse=True)
def one_thread():
    """Small networks gain nothing from a second thread, and lose much beside other programs."""
    with torch_settings(1):
        yield


def pair(seconds=1.0):
    dry = plucked_strings(seconds, RATE)
    return dry, np.tanh(4.0 * dry).astype(np.float32)


def weights(trained):
    return torch.cat([w.flatten() for w in trained.network.state_dict().values()])


@pytest.mark.parametrize(
    ("kind", "steps", "goal"), [("lstm", 60, 0.2), ("wavenet_small", 40, 0.6), ("wavenet", 15, 0.4)]
)
def test_it_learns_a_drive(kind, steps, goal):
    dry, wet = pair()
    training = train(kind, dry, wet, RATE, Budget(steps=steps))
    first, last = training.snapshots[0], training.snapshots[-1]
    assert last.loss < first.loss
    assert training.trained is last.trained
    assert esr(wet, training.trained.board(RATE)(dry, RATE)) < goal
    assert len(training.history) == steps


def test_an_inverted_and_quiet_wet_is_a_matter_of_gains():
    dry, wet = pair()
    plain = train("lstm", dry, wet, RATE, Budget(steps=3)).trained
    other = train("lstm", dry, -0.125 * wet, RATE, Budget(steps=3), polarity=-1).trained
    assert torch.equal(weights(plain), weights(other))
    assert other.output_gain == -0.125 * plain.output_gain


@pytest.mark.parametrize("kind", ["lstm", "wavenet_small"])
def test_equal_seeds_give_equal_weights_and_leave_other_randomness_alone(kind):
    before = torch.random.get_rng_state()
    one, same, other = (
        train(kind, *pair(), RATE, Budget(steps=3), seed=seed).trained for seed in (0, 0, 1)
    )
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_the_budget_ends_it():
    clock = itertools.count().__next__
    training = train("lstm", *pair(), RATE, Budget(seconds=100.0, clock=clock))
    assert 5 < len(training.history) < 60
    assert training.history[-1]["seconds"] <= 101
    assert all(one.seconds <= 103 for one in training.snapshots)


def test_a_loss_that_is_never_a_number_is_refused(monkeypatch):
    dry, wet = pair()
    never = replace(RECIPES["lstm"], loss=lambda *_: torch.tensor(float("nan")))
    monkeypatch.setattr("fxchain.baselines.training.RECIPES", {"lstm": never})
    with pytest.raises(MatchError, match="no weights"):
        train("lstm", dry, wet, RATE, Budget(steps=3))


def test_a_recipe_may_scale_the_wet_to_a_level_and_let_the_rate_fall(monkeypatch):
    dry, wet = pair()
    recipe = replace(RECIPES["wavenet_small"], target_rms=0.125, decay=0.9)
    monkeypatch.setattr("fxchain.baselines.training.RECIPES", {"wavenet_small": recipe})
    rates = []
    plain = torch.optim.Adam.step

    def step(self, *arguments):
        rates.append(self.param_groups[0]["lr"])
        return plain(self, *arguments)

    monkeypatch.setattr(torch.optim.Adam, "step", step)
    trained = train("wavenet_small", dry, wet, RATE, Budget(steps=3), polarity=-1).trained
    assert trained.output_gain == pytest.approx(-8.0 * float(np.sqrt(np.mean(wet**2))), rel=1e-5)
    assert rates == pytest.approx([3e-3, 2.7e-3, 2.43e-3])


def material(start=100, warm_up=50, length=4_000):
    dry = np.arange(2 * length, dtype=np.float32).reshape(2, length)
    return Material(dry, -dry, start, warm_up)


def test_pieces_for_training_stay_in_their_part():
    part = material()
    random = np.random.default_rng(0)
    for _ in range(20):
        for pieces in part.epoch(300, 4, random):
            place = pieces.dry % 4_000
            assert place.min() >= part.start and place.max() < part.cut
            assert torch.equal(pieces.wet, -pieces.dry)
            assert torch.equal(pieces.before[:, -1], pieces.dry[:, 0] - 1)
            assert pieces.before.shape == (len(pieces.dry), 50) and len(pieces.dry) <= 4


def test_pieces_for_checking_stay_in_theirs_and_silence_comes_before_the_recording():
    part = material(start=0)
    check = part.check()
    assert (check.dry % 4_000).min() >= part.cut and check.dry.shape == (16, 100)
    (first,) = (
        row
        for pieces in part.epoch(4_000, 8, np.random.default_rng(0))
        for row, dry in zip(pieces.before, pieces.dry, strict=True)
        if dry[0] == 0
    )
    assert not first.any()


def test_the_check_part_is_not_trained_on():
    dry, wet = pair()
    other = wet.copy()
    other[:, round(0.8 * wet.shape[1]) + 1 :] *= 0.5
    steps = 5
    one, two = (train("lstm", dry, w, RATE, Budget(steps=steps)) for w in (wet, other))
    assert one.snapshots[-1].loss != two.snapshots[-1].loss
    assert one.snapshots[-1].seconds != 0.0 and torch.equal(
        weights(one.trained), weights(two.trained)
    )


def test_refusals():
    with pytest.raises(MatchError, match="equal shape"):
        Material(np.zeros((1, 9)), np.zeros((2, 9)), 0, 0)
    with pytest.raises(MatchError, match="too few"):
        Material(np.zeros((1, 9)), np.zeros((1, 9)), 0, 0)


def test_a_few_rounds_do_not_halve_the_rate_and_gradients_are_shortened():
    """A round of a short clip is a few updates; patience must not run out in a second."""
    dry = plucked_strings(2.0, RATE)
    budget = Budget(steps=400)
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        plain = torch.optim.Adam.step

        def step(self, *arguments):
            seen.append(self.param_groups[0]["lr"])
            norm = sum(float(w.grad.square().sum()) for w in self.param_groups[0]["params"]) ** 0.5
            assert norm < 1.0 + 1e-5
            return plain(self, *arguments)

        patch.setattr(torch.optim.Adam, "step", step)
        train("lstm", dry, -dry, RATE, budget)
    assert len(seen) == 400 and set(seen) == {5e-3}
