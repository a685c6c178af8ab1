"""All findings of a match."""

from collections.abc import Iterator, Sequence

import numpy as np

from fxchain.evidence import measure_evidence
from fxchain.matching.findings.changes import changes_found
from fxchain.matching.findings.finding import Finding
from fxchain.matching.findings.refit import Refit
from fxchain.matching.search.result import FitResult
from fxchain.optim.budget import Budget, BudgetView
from fxchain.primitives.evidence import Evidence
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate

#: An error below this is explained.
EXPLAINED = 1e-6
#: A gain of less is none, dB.
NO_GAIN_DB = 0.001
#: An absence is worth a sentence below this, and an echo is one above it and so far above what is
#: found without one, dB.
QUIET_DB, ABOVE_FLOOR_DB = -30.0, 10.0
#: Share of what odd functions leave that even ones explain, and a distortion that is audible.
ASYMMETRIC, DISTORTED = 0.5, 1e-4
#: Refits of changed chains take this share of the time of the search, but at most so long, s; of a
#: number of iterations, this share.
SHARE_OF_SEARCH, MOST_SECONDS, SHARE_OF_ITERATIONS = 0.1, 5.0, 0.25


def findings_budget(seconds: float | None, iterations: int | None) -> Budget:
    """Return the budget for refits of changed chains; its time begins now.

    Args:
        seconds: of the search, where it had no number of iterations
        iterations: of the search, or None
    """
    if iterations is not None:
        return Budget(steps=int(SHARE_OF_ITERATIONS * iterations))
    return Budget(seconds=min(SHARE_OF_SEARCH * (seconds or 0.0), MOST_SECONDS))


def measure_findings(
    fitted: FitResult, problems: Sequence[Problem], budget: BudgetView
) -> tuple[Finding, ...]:
    """Measure what a match found out: about the pair, and about what its chain needs.

    Args:
        fitted: the chain that was found
        problems: what it was fitted to, at least one; evidence is that of the first
        budget: ends the refits of changed chains

    Returns:
        first what evidence says, then parts left out, then neighbours exchanged; what does not
        fit into the budget, or cannot be computed, is missing
    """
    try:
        of_changes = of_chain(fitted, problems, budget)
    except (ArithmeticError, MemoryError, RuntimeError, np.linalg.LinAlgError):
        of_changes = []
    first = problems[0].largest_known()
    evidence = fitted.evidence or measure_evidence(
        first.dry, first.wet, problems[0].sample_rate, first.first_valid
    )
    return (*of_evidence(evidence), *of_changes)


def of_evidence(evidence: Evidence) -> Iterator[Finding]:
    """Yield what the pair says without any chain."""
    if evidence.gain_error < EXPLAINED and not evidence.inverted:
        figures = {"error": evidence.gain_error, "gain_db": evidence.gain_db}
        yield Finding("same" if abs(evidence.gain_db) < NO_GAIN_DB else "level", figures)
        return
    if evidence.linear_error < EXPLAINED:
        yield Finding("linear", {"error": evidence.linear_error})
    if evidence.even_share > ASYMMETRIC and evidence.linear_error > DISTORTED:
        yield Finding("even", {"even_share": evidence.even_share})
    level_db, floor_db = evidence.echo_db, evidence.echo_floor_db
    if level_db > max(QUIET_DB, floor_db + ABOVE_FLOOR_DB):
        yield Finding("echo", {"level_db": level_db, "seconds": evidence.echo_seconds})
    elif np.isfinite(evidence.echo_bound_db) and evidence.echo_bound_db < QUIET_DB:
        yield Finding("no_echo", {"bound_db": evidence.echo_bound_db})
    if np.isfinite(evidence.tail_bound_db) and evidence.tail_bound_db < QUIET_DB:
        yield Finding("no_decay", {"bound_db": evidence.tail_bound_db})


def of_chain(fitted: FitResult, problems: Sequence[Problem], budget: BudgetView) -> list[Finding]:
    """Return what the chain needs, and which of its orders can be told."""
    free = np.ones(fitted.stage.size, dtype=bool) if fitted.free is None else fitted.free
    candidate = Candidate(fitted.stage, fitted.values, free)
    if budget.over or not fitted.stage.size:
        return []
    refit = Refit.on(problems, budget)
    return changes_found(refit.evaluated(candidate), refit)
