"""A training ends with its time, or as soon as it is foretold to be in vain."""

import numpy as np
import pytest

from fxchain.matching.search.training_forecast import TrainingForecast
from fxchain.optim.budget import Budget


def ended_at(exponent: float, worth: float, until: float = 0.9, trial: float = 4.0) -> float:
    """Return when a training ends, s, that begins at 10 of 100 s and leaves (t / 1 s)^−exponent
    once it has tried its starts."""
    now = [10.0]
    budget = Budget(seconds=100.0, clock=lambda: now[0], started=0.0)
    forecast = TrainingForecast(budget, until, worth)
    while not forecast.over(np.inf if now[0] < 10.0 + trial else (now[0] - 10.0) ** -exponent):
        now[0] += 1.0
        budget.begin()
    return now[0]


@pytest.mark.parametrize("exponent", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("until", [0.5, 0.9])
def test_it_goes_on_where_it_is_foretold_to_be_worth_it(exponent: float, until: float) -> None:
    left = (100.0 * until - 10.0) ** -exponent
    assert ended_at(exponent, 1.01 * left, until) == 100.0 * until
    assert 18.0 <= ended_at(exponent, 0.99 * left, until) <= 19.0  # half of its time was seen


def test_its_time_is_over_before_anything_is_known() -> None:
    assert ended_at(1.0, 1.0, trial=99.0) == 90.0


def test_one_that_rests_is_foretold_to_fall_as_one_over_time() -> None:
    """Steps gain in fits and starts. 0.02 of 90 s until then would become 0.01 behind 45 s."""
    now = [10.0]
    budget = Budget(seconds=100.0, clock=lambda: now[0], started=0.0)
    forecast = TrainingForecast(budget, 1.0, worth=0.01)
    for now[0] in np.arange(11.0, 70.0):
        if forecast.over(max((now[0] - 10.0) ** -2.0, 0.02)):
            break
    assert 55.0 <= now[0] <= 56.0


def test_a_worse_start_does_not_worsen_what_is_foretold() -> None:
    now = [10.0]
    budget = Budget(seconds=100.0, clock=lambda: now[0], started=0.0)
    forecast = TrainingForecast(budget, 1.0, worth=0.1)
    for now[0], left in ((12.0, 0.5), (24.0, 0.05), (48.0, 0.9)):
        assert not forecast.over(left)
