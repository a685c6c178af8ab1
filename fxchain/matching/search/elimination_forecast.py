"""What the error of a candidate would be without some units, before any refit.

Near the candidate, with r its residual and J its Jacobian, without the units S

    E(S) ≈ min_d ‖r + Σ_{u∈S} Δ_u + J_F·d‖² + Σ_i λ_i·d_i²,

Δ_u the change of the residual where u is left out at the best gain, F the knobs that are left.
All is in one Gram matrix of J, Δ and r, so that a set costs the solution of a small system.

Source:
    Hassibi and Stork, "Second order derivatives for network pruning: Optimal Brain Surgeon",
    1993: the loss when a weight is removed and all others follow. Here a unit of several knobs is
    really played without, since its knobs are far from where it does nothing.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fxchain.matching.search.gains_in_place import (
    GainInPlace,
    gain_in_place,
    with_gains_in_place,
)
from fxchain.matching.search.left_out import (
    MakeError,
    best_gain_db,
    damped,
    residual_of,
    with_gain,
)
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import Part
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.removal import Removal, is_in_series, lost_knobs, without_units


@dataclass(frozen=True)
class _Unit:
    """A unit with what is known about its removal.

    Attributes:
        part: which
        knobs: how many free values it has
        gain_db: the best gain without it
        change: Δ, (samples,)
        follows: (moved,), bool, which coordinates of the Jacobian are left
        as_gain: the gain in its place, where that leaves less than the best gain of the chain
    """

    part: Part
    knobs: int
    gain_db: float
    change: np.ndarray
    follows: np.ndarray
    as_gain: GainInPlace | None = None


class Forecast:
    """The errors to be expected of a candidate without some of its units.

    Args:
        candidate: the chain
        units: what may go
        make_error: gives the error of a candidate
        new_gains: whether a gain may come in the place of a unit
        over: tells when no further unit may be looked at
    """

    def __init__(
        self,
        candidate: Candidate,
        units: Sequence[Part],
        make_error: MakeError,
        new_gains: bool = True,
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        self.candidate, self._make_error, self._new_gains = candidate, make_error, new_gains
        error = make_error(candidate)
        self._cube = error.cube(candidate.values)
        self._index = error.jacobian_indices()
        self._places = np.flatnonzero(candidate.free)[self._index]
        self._residual = error.residual(self._cube)
        self._target = error.target
        self.loss = _energy(self._residual)
        self._plane = error.linearize(self._cube, self._index) if len(self._index) else None
        self.units: list[_Unit] = []
        for part in units:
            if over():
                break
            self.units.append(self._look_at(part))

    def _look_at(self, part: Part) -> _Unit:
        removal = self._removal([part])
        knobs = lost_knobs(self.candidate, part)
        played = residual_of(removal.candidate, self._make_error)
        gain_db = 0.0
        if is_in_series(part):
            gain_db = best_gain_db(played, self._target)
            played = with_gain(played, self._target, gain_db)
        gain = gain_in_place(self.candidate, part, self._make_error) if self._new_gains else None
        levelled = None if gain is None else self._as_gains([gain])
        if levelled is not None:
            in_place = residual_of(levelled, self._make_error)
            if _energy(in_place) < _energy(played):
                played = in_place
            else:
                gain = None
        change = (played - self._residual).astype(np.float32)
        follows = np.isin(self._places, removal.sources)
        return _Unit(part, knobs, gain_db, change, follows, None if levelled is None else gain)

    def _removal(self, parts: Sequence[Part], gain_db: float = 0.0, more: bool = True) -> Removal:
        return without_units(self.candidate, parts, gain_db, self._new_gains and more)

    def _as_gains(self, gains: Sequence[GainInPlace]) -> Candidate | None:
        return with_gains_in_place(self.candidate, {each.stage_id: each.factor for each in gains})

    @cached_property
    def _gram(self) -> np.ndarray:
        """Return the inner products of all Δ and r, (units + 1, units + 1)."""
        rows = np.stack([*(unit.change for unit in self.units), self._residual])
        found: np.ndarray = (rows @ rows.T).astype(np.float64)
        return found

    @cached_property
    def _slopes(self) -> np.ndarray:
        """Return J times each Δ, then times r, (units + 1, moved)."""
        if self._plane is None:
            return np.zeros((len(self.units) + 1, 0))
        changes = [self._plane.project(unit.change) for unit in self.units]
        return np.stack([*changes, self._plane.slope])

    def error(self, chosen: Sequence[int]) -> float:
        """Return the error to be expected without the units of these numbers."""
        return self._solved(chosen)[0]

    def _solved(self, chosen: Sequence[int]) -> tuple[float, np.ndarray]:
        rows = [*chosen, len(self.units)]
        fixed = float(self._gram[np.ix_(rows, rows)].sum())
        left = np.all([self.units[i].follows for i in chosen], axis=0)
        step = np.zeros(len(self._index))
        if self._plane is None or not left.any():
            return max(fixed, 0.0), step
        slope = self._slopes[rows].sum(axis=0)[left]
        hessian = self._plane.gauss_newton_hessian[np.ix_(left, left)]
        step[left] = -np.linalg.solve(damped(hessian, fixed), slope)
        return max(fixed + float(slope @ step[left]), 0.0), step

    def without(self, chosen: Sequence[int]) -> Candidate:
        """Return the candidate without units, the other knobs moved as forecast if that helps."""
        parts = [self.units[i].part for i in chosen]
        plain = self._removal(parts)
        residual = residual_of(plain.candidate, self._make_error)
        gain_db = 0.0
        if any(is_in_series(part) for part in parts):
            gain_db = best_gain_db(residual, self._target)
        more = sum(self.units[i].knobs for i in chosen) > 1
        levelled = self._removal(parts, gain_db, more)
        moved = self._moved(levelled, self._solved(chosen)[1])
        found = [each.candidate for each in (plain, levelled, moved)]
        gains = [self.units[i].as_gain for i in chosen]
        in_place = self._as_gains([gain for gain in gains if gain]) if all(gains) else None
        found += [] if in_place is None else [in_place]
        losses = [_energy(residual_of(each, self._make_error)) for each in found]
        return found[int(np.argmin(losses))]

    def _moved(self, removal: Removal, step: np.ndarray) -> Removal:
        """Return what is left with its knobs moved by a step over the Jacobian's coordinates."""
        left = removal.candidate
        vector = KnobVector(left.stage, left.values, left.free)
        cube = vector.cube(left.values)
        steps = dict(zip(self._places.tolist(), step.tolist(), strict=True))
        cube += [steps.get(source, 0.0) for source in removal.sources[left.free].tolist()]
        return Removal(left.at(vector.values(np.clip(cube, 0.0, 1.0))), removal.sources)


def _energy(residual: np.ndarray) -> float:
    found = float(np.square(residual, dtype=np.float64).sum())
    return found if math.isfinite(found) else math.inf
