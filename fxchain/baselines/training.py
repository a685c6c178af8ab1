"""Training of a network within a budget."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from fxchain.baselines.network import Network
from fxchain.baselines.recipes import RECIPES, Recipe
from fxchain.baselines.segments import Material, Segments
from fxchain.baselines.threads import at_most_threads
from fxchain.baselines.trained import TrainedNetwork
from fxchain.errors import MatchError
from fxchain.optim.budget import Budget, Entry

Array = NDArray[np.float32]

PHASE = "training"

#: Samples trained on between two validations, as a multiple of those of a validation: a forward
#: pass costs a third of an update, so validation takes about a twelfth of the time.
_TRAINED_PER_CHECKED = 4
#: A snapshot replaces the one before unless this multiple of its time has passed.
_BETWEEN_SNAPSHOTS = 1.25


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The best weights at some time of the training.

    Attributes:
        seconds: since the training began, s
        loss: on the part for validation
        trained: the network at that time
    """

    seconds: float
    loss: float
    trained: TrainedNetwork


@dataclass(frozen=True, eq=False)
class Training:
    """The result of a training.

    Attributes:
        snapshots: the best weights over time; the last are the result
        history: one entry an update
    """

    snapshots: tuple[Snapshot, ...]
    history: list[Entry] = field(default_factory=list)

    @property
    def trained(self) -> TrainedNetwork:
        """Return the network with the least validation loss."""
        return self.snapshots[-1].trained


def train(
    kind: str,
    dry: Array,
    wet: Array,
    sample_rate: int,
    budget: Budget,
    *,
    start: int = 0,
    polarity: int = 1,
    seed: int = 0,
) -> Training:
    """Train a network on the fitted part of a pair.

    The last fifth of the part is for validation: the weights with the least loss there are the
    result. Both recordings are scaled, as in the published programs to a peak of 1 or the wet to a
    level, and the wet is inverted where the device inverts; the trained network undoes both.

    Args:
        kind: a key of `RECIPES`
        dry: (channels, samples) the fitted part, from the first sample of the recording
        wet: (channels, samples) the fitted part
        sample_rate: Hz
        budget: when to stop; a step is an update of the weights
        start: the first sample at which the wet is known
        polarity: −1 where the device inverts
        seed: of the initial weights and the order of the segments

    Raises:
        MatchError: the shapes differ or there is too little to train on.
    """
    recipe = RECIPES[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = recipe.make()
    warm_up = recipe.warm_up_samples
    if warm_up is None:
        warm_up = (network.receptive_field_samples or 1) - 1
    input_gain = 1.0 / _peak(dry)
    output_gain = polarity * _scale(wet[:, start:], recipe.target_rms)
    material = Material(
        dry * np.float32(input_gain), wet * np.float32(1.0 / output_gain), start, warm_up
    )
    trained = TrainedNetwork(kind, network, sample_rate, input_gain, output_gain)
    with at_most_threads(network.most_threads):
        return _Course(recipe, trained, material, budget).run(np.random.default_rng(seed))


class _Course:
    """One training.

    Args:
        recipe: of the network
        trained: the network with initial weights, and the gains around it
        material: the recordings
        budget: when to stop
    """

    def __init__(
        self, recipe: Recipe, trained: TrainedNetwork, material: Material, budget: Budget
    ) -> None:
        self._recipe, self._trained, self._material = recipe, trained, material
        self._budget = budget
        self._network: Network = trained.network
        self._optimizer = torch.optim.Adam(
            self._network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self._windows = material.check()
        self._scheduler = (
            None
            if recipe.patience is None
            else torch.optim.lr_scheduler.ReduceLROnPlateau(
                self._optimizer, factor=0.5, patience=self._checks_in(recipe.patience)
            )
        )
        self._kept_by = recipe.kept_by or recipe.loss
        self._best = math.inf
        self._snapshots: list[Snapshot] = []
        self._unchecked = 0

    def _checks_in(self, updates: int) -> int:
        """Return the number of validations during a number of updates."""
        between = _TRAINED_PER_CHECKED * self._windows.dry.numel()
        return math.ceil(updates * self._recipe.batch * self._recipe.update_samples / between)

    def run(self, random: np.random.Generator) -> Training:
        """Train until the budget is over; return the best."""
        self._check()
        recipe = self._recipe
        try:
            while not self._budget.over:
                for segments in self._material.epoch(recipe.segment_samples, recipe.batch, random):
                    self._learn(segments)
                    if self._budget.over:
                        break
        except _Diverged:
            pass  # the best weights are from before
        self._check()
        if not self._snapshots:
            raise MatchError("no weights with a finite loss were found; the recordings are odd")
        return Training(tuple(self._snapshots), self._budget.history)

    def _learn(self, segments: Segments) -> None:
        """Update the weights after each part of the segments."""
        state = self._warm(segments)
        size = self._recipe.update_samples
        for begin in range(0, segments.dry.shape[1], size):
            if self._budget.over:
                return
            part = slice(begin, begin + size)
            played, state = self._network(segments.dry[:, part], state)
            loss = self._recipe.loss(segments.wet[:, part], played)
            if not math.isfinite(loss.item()):
                raise _Diverged
            self._optimizer.zero_grad()
            loss.backward()
            if self._recipe.longest_gradient is not None:
                torch.nn.utils.clip_grad_norm_(
                    self._network.parameters(), self._recipe.longest_gradient
                )
            self._optimizer.step()
            for group in self._optimizer.param_groups:
                group["lr"] *= self._recipe.decay
            state = _detached(state)
            self._unchecked += played.numel()
            if self._unchecked >= _TRAINED_PER_CHECKED * self._windows.dry.numel():
                self._check()
            self._budget.step(PHASE, self._best)

    def _check(self) -> None:
        """Validate, and store the weights where the loss is the least so far."""
        self._unchecked = 0
        with torch.no_grad():
            played, _ = self._network(self._windows.dry, self._warm(self._windows))
            loss = float(self._kept_by(self._windows.wet, played))
        if self._scheduler is not None and math.isfinite(loss):
            self._scheduler.step(loss)
        if loss < self._best:
            self._best = loss
            self._keep(loss)

    def _keep(self, loss: float) -> None:
        now = self._budget.elapsed
        if len(self._snapshots) > 1 and now < _BETWEEN_SNAPSHOTS * self._snapshots[-2].seconds:
            self._snapshots.pop()
        source = self._trained
        kept = TrainedNetwork(
            source.kind,
            copy.deepcopy(self._network),
            source.sample_rate,
            source.input_gain,
            source.output_gain,
        )
        self._snapshots.append(Snapshot(now, loss, kept))

    def _warm(self, segments: Segments) -> Any:
        """Return the state after the warm-up before the segments."""
        with torch.no_grad():
            state = self._network.initial_state(len(segments.dry))
            return self._network(segments.before, state)[1] if segments.before.numel() else state


class _Diverged(Exception):
    """The loss is not finite."""


def _detached(state: Any) -> Any:
    """Return a state without its gradient history."""
    if isinstance(state, tuple):
        return tuple(part.detach() for part in state)
    return state.detach()


def _scale(wet: Array, rms: float | None) -> float:
    """Return the factor that leads from a peak of 1, or from a level, to that of a recording."""
    if rms is None:
        return _peak(wet)
    return float(np.sqrt(np.mean(np.square(wet, dtype=np.float64)))) / rms or 1.0


def _peak(audio: Array) -> float:
    """Return the largest absolute value, or 1 for silence."""
    return float(np.abs(audio).max(initial=0.0)) or 1.0
