"""The inner products of all that an edit of a chain could move, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fxchain.matching.search.insertion_spots import Spot
from fxchain.matching.search.left_out import (
    MakeError,
    best_gain_db,
    damped,
    residual_of,
    with_gain,
)
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import candidate_of, nodes_of
from fxchain.structure.places import Target, exchanged
from fxchain.structure.proposal import Insertion


@dataclass(frozen=True)
class Leaving:
    """A target with the change that its absence makes at the best gain."""

    target: Target
    gain_db: float
    change: np.ndarray


def leaving_out(
    candidate: Candidate, target: Target, make_error: MakeError, residual: np.ndarray
) -> Leaving:
    """Return what the absence of a target changes.

    Args:
        candidate: the chain
        target: what is left out
        make_error: gives the error of a candidate
        residual: (samples,), of the candidate
    """
    left = candidate_of(exchanged(nodes_of(candidate), target, ()), candidate)
    played, wet = residual_of(left, make_error), make_error(left).target
    gain_db = best_gain_db(played, wet)
    change = with_gain(played, wet, gain_db) - residual
    return Leaving(target, gain_db, change.astype(np.float32))


class Gram:
    """Inner products of signals, computed where they are wanted: most never are.

    Args:
        signals: (count, samples)
    """

    def __init__(self, signals: np.ndarray) -> None:
        self._signals = torch.from_numpy(signals)
        self._products: dict[int, np.ndarray] = {}
        self.energies = torch.linalg.vector_norm(self._signals, dim=1).double().numpy() ** 2

    def __len__(self) -> int:
        """Return how many signals there are."""
        return len(self._signals)

    def between(self, some: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return the products of a few signals with others, (some, others)."""
        missing = [int(i) for i in some if int(i) not in self._products]
        if missing:
            found = (self._signals[missing] @ self._signals.T).double().numpy()
            self._products.update(zip(missing, found, strict=True))
        return np.array([self._products[int(i)][others] for i in some]).reshape(
            len(some), len(others)
        )


@dataclass(frozen=True)
class Tangents:
    """Inner products of all columns: strengths and knobs, then what leaves, then the residual.

    Attributes:
        gram: of the columns
        columns: spot and number of each strength, None and number of each knob
    """

    gram: Gram
    columns: Sequence[tuple[Spot | None, int]]

    def knobs(self, without: Target | None = None) -> np.ndarray:
        """Return the columns of the knobs that are left."""
        gone = range(without.first, without.first + without.count) if without else ()
        pairs = enumerate(self.columns)
        return np.array([i for i, (s, n) in pairs if s is None and n not in gone], dtype=int)

    def of(self, spot: Spot) -> np.ndarray:
        """Return the columns of a spot: the gain first."""
        return np.array([i for i, (s, _) in enumerate(self.columns) if s is spot], dtype=int)

    def column(self, insertion: Insertion) -> int:
        """Return the column of an insertion."""
        for i, (spot, number) in enumerate(self.columns):
            if spot is None or not number or spot.place != insertion.place:
                continue
            if spot.units[number - 1] is insertion.unit:
                return i
        raise ValueError("the insertion has no column")

    def together(self, known: np.ndarray, tried: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the error where all the tried columns are added at once, each damped as a knob is,
        and how much of each.

        Args:
            known: columns that follow
            tried: columns
        """
        columns, end = np.append(known, tried).astype(int), len(self.gram) - 1
        fixed = float(self.gram.energies[end])
        slope = self.gram.between(columns, np.array([end]))[:, 0]
        inner = self.gram.between(columns, columns)
        found = -np.linalg.solve(damped(inner, fixed), slope)
        left = fixed + 2.0 * float(slope @ found) + float(found @ inner @ found)
        return max(left, 0.0), found[len(known) :]

    def solved(
        self, known: np.ndarray, gone: int | None, tried: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Return the error with the known columns alone, and for each tried one beside them its
        energy and its product with what is left.

        Args:
            known: columns that follow
            gone: number of the target that is left out
            tried: columns
        """
        gram, end = self.gram, len(self.gram) - 1
        base = np.array([end] if gone is None else [end, len(self.columns) + gone])
        fixed = float(gram.between(base, base).sum())
        slope = gram.between(known, base).sum(axis=1)
        inner = gram.between(known, known)
        beside = gram.between(known, tried)
        right = np.concatenate([slope[:, None], beside], axis=1)
        found = np.linalg.solve(damped(inner, fixed), right)
        left = max(fixed - float(slope @ found[:, 0]), 0.0)
        own = gram.energies[tried]
        energy = own - np.einsum("ij,ij->j", beside, found[:, 1:])
        along = gram.between(base, tried).sum(axis=0) - beside.T @ found[:, 0]
        return left, np.maximum(energy, 1e-5 * own + 1e-15), along
