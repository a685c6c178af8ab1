"""The errors of candidates on parts of the recordings that no step used.

A fitted error hides overfitting. Each candidate is played on up to ten seconds of every
recording; what its steps compared is counted as fitted, the rest as judged. The part that is held
out for the scores is in neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.matching.search.context import SearchContext
from fxchain.matching.search.front import FrontPoint, front
from fxchain.matching.search.state import SearchState
from fxchain.objectives.excerpt import Excerpt, as_played
from fxchain.objectives.loudness_weighting import loudness_weighting
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.structure.candidate import Candidate

#: What was not fitted judges where it is as long as this, s, and has this share of the energy.
LEAST_SECONDS, LEAST_SHARE = 0.5, 0.02


@dataclass(frozen=True, eq=False)
class _Recording:
    """A recording to be judged on.

    Attributes:
        excerpt: what is played
        gain: (1, samples), the loudness weighting of what is compared
        fitted: (samples,), bool, which samples of that were fitted
    """

    excerpt: Excerpt
    gain: np.ndarray
    fitted: np.ndarray

    def errors(self, candidate: Candidate, sample_rate: int) -> tuple[float, float]:
        """Return the ratios on what was fitted and on what was not.

        Where what was fitted lies elsewhere in the recording, the first is the candidate's loss.
        """
        start = self.excerpt.first_valid
        output = play_excerpt(candidate.stage, candidate.values, self.excerpt, sample_rate)
        played = (output[:, start:] * self.gain).astype(np.float64)
        wet = (self.excerpt.wet[:, start:] * self.gain).astype(np.float64)
        if self.excerpt.gain_free:
            energy = float(np.square(played[:, self.fitted]).sum())
            common = float((played * wet)[:, self.fitted].sum())
            played *= max(common, 0.0) / max(energy, 1e-20)
        squares, power = np.square(played - wet).sum(axis=0), np.square(wet).sum(axis=0)
        fitted = _ratio(squares[self.fitted], power[self.fitted])
        if not self.fitted.any():
            fitted = float("nan") if candidate.loss is None else candidate.loss
        judging = ~self.fitted
        enough = judging.sum() >= LEAST_SECONDS * sample_rate
        if not enough or power[judging].sum() < LEAST_SHARE * power.sum():
            judging = np.ones_like(judging)
        return fitted, _ratio(squares[judging], power[judging])


def _ratio(squares: np.ndarray, power: np.ndarray) -> float:
    found = float(squares.sum()) / max(float(power.sum()), 1e-20)
    return found if np.isfinite(found) else np.inf


class Judge:
    """Measures candidates on what they were fitted to and on what they were not.

    Args:
        whole: a longer part of each recording
        fitted: what the steps compared, for each recording in the same order
        sample_rate: Hz
    """

    def __init__(
        self, whole: Sequence[Excerpt], fitted: Sequence[Excerpt], sample_rate: int
    ) -> None:
        self._sample_rate = sample_rate
        self._recordings = [
            _Recording(
                excerpt,
                loudness_weighting(
                    excerpt.wet[:, excerpt.first_valid :], sample_rate, excerpt.loudness_weighting
                )
                * excerpt.known(),
                _overlap(excerpt, used),
            )
            for excerpt, used in zip(whole, fitted, strict=True)
        ]

    def point(self, candidate: Candidate) -> FrontPoint:
        """Return a candidate with its errors, the means over the recordings."""
        pairs = [each.errors(candidate, self._sample_rate) for each in self._recordings]
        fitted, judged = np.mean(pairs, axis=0).tolist()
        return FrontPoint(candidate, fitted, judged)


def _overlap(whole: Excerpt, used: Excerpt) -> np.ndarray:
    """Return which compared samples of an excerpt another one compares too, (samples,)."""
    begin = whole.first_sample + whole.first_valid
    places = np.arange(begin, whole.first_sample + whole.wet.shape[-1])
    first = used.first_sample + used.first_valid
    found: np.ndarray = (places >= first) & (places < used.first_sample + used.wet.shape[-1])
    return found


def judged(
    state: SearchState,
    context: SearchContext,
    candidates: Sequence[Candidate],
    fitted: Sequence[Excerpt],
) -> SearchState:
    """Return the state with candidates on its front, where none there dominates them.

    Args:
        state: its alignment and loudness weighting count
        context: what is played
        candidates: fitted to `fitted`, with the state's alignment, which stays with them
        fitted: one excerpt of each recording
    """
    judge = Judge(as_played(context.excerpts(state).long), fitted, context.sample_rate)
    shifts = state.latency_shifts
    points = [judge.point(replace(each, latency_shifts=shifts)) for each in candidates]
    return replace(state, front=front((*state.front, *points)))
