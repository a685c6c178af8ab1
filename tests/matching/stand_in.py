"""Matches whose search is another function, so that all around it is tested quickly."""

from collections.abc import Callable, Sequence

import pytest

from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget
from fxchain.recordings.problem import Problem
from fxchain.structure.template import Template

Fit = Callable[[Sequence[Problem], Template, Budget, int], FitResult]


def replace_fit(monkeypatch: pytest.MonkeyPatch, fit: Fit) -> None:
    """Let every match call `fit` of problems, template, budget and seed instead of searching."""
    monkeypatch.setattr(
        "fxchain.matching.search.schedule.fit",
        lambda problems, template, budget, seed, **others: fit(problems, template, budget, seed),
    )
