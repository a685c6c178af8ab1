"""The state of a search as JSON and back."""

from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np

from fxchain.errors import FxchainError, MatchError
from fxchain.fir.impulse_response_fit import MeasuredResponse
from fxchain.matching.search.front import FrontPoint
from fxchain.matching.search.growth import Population
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.optim.budget import Budget, Entry
from fxchain.periodic.slow_movement import SlowMovement
from fxchain.preset.assets import decode, encode
from fxchain.preset.nodes import AssetNode, validate
from fxchain.preset.reading import StageReader
from fxchain.preset.writing import stage_node
from fxchain.structure.candidate import Candidate

Node = dict[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """What a search needs to go on as if it had never stopped.

    Attributes:
        state: between two moves
        taken: steps of the budget
        elapsed: seconds of the budget
        history: of the budget
    """

    state: SearchState
    taken: int
    elapsed: float
    history: tuple[Entry, ...]

    @classmethod
    def of(cls, state: SearchState, budget: Budget) -> "Snapshot":
        """Return what a state and the present budget are."""
        return cls(state, budget.taken, budget.elapsed, tuple(budget.history))

    def spend(self, budget: Budget) -> None:
        """Let a budget be as it was."""
        budget.taken = self.taken
        budget.started = budget.clock() - self.elapsed
        budget.history[:] = self.history

    def to_json(self) -> Node:
        """Return it as JSON; numbers come back as exactly the same ones."""
        state = self.state
        return {
            "best": None if state.best is None else _candidate_node(state.best),
            "rng": _texts(state.rng),
            "latency_shifts": [repr(samples) for samples in state.latency_shifts],
            "loudness_weighting": state.loudness_weighting,
            "response": _response_node(state.response),
            "alone": _response_node(state.alone),
            "response_seconds": state.response_seconds,
            "accepted": [[repr(seconds), repr(loss)] for seconds, loss in state.accepted],
            "pruned": list(state.pruned),
            "remaining": [asdict(move) for move in state.remaining],
            "population": {
                "candidates": [_candidate_node(each) for each in state.population.candidates],
                "edited": sorted(state.population.edited),
                "prices": [repr(price) for price in state.population.prices],
                "cost": repr(state.population.cost),
            },
            "slow": None if state.slow is None else [repr(each) for each in astuple(state.slow)],
            "front": [_point_node(point) for point in state.front],
            "taken": self.taken,
            "elapsed": self.elapsed,
            "history": [{**entry, "loss": repr(entry["loss"])} for entry in self.history],
        }

    @classmethod
    def from_json(cls, node: Any, name: str) -> "Snapshot":
        """Read it.

        Args:
            node: as `to_json` made it
            name: what messages call the file

        Raises:
            MatchError: it is not what `to_json` makes.
        """
        try:
            state = SearchState(
                best=None if node["best"] is None else _candidate(node["best"], name),
                rng=_numbers(node["rng"]),
                latency_shifts=tuple(float(samples) for samples in node["latency_shifts"]),
                loudness_weighting=float(node["loudness_weighting"]),
                response=_response(node["response"]),
                alone=_response(node["alone"]),
                response_seconds=float(node["response_seconds"]),
                accepted=tuple((float(seconds), float(loss)) for seconds, loss in node["accepted"]),
                pruned=tuple(str(each) for each in node["pruned"]),
                remaining=tuple(PlannedMove(**move) for move in node["remaining"]),
                front=tuple(_point(each, name) for each in node["front"]),
                population=_population(node["population"], name),
                slow=None if node["slow"] is None else SlowMovement(*map(float, node["slow"])),
            )
            history = tuple(_entry(entry) for entry in node["history"])
            return cls(state, int(node["taken"]), float(node["elapsed"]), history)
        except (FxchainError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise MatchError(
                f"{name}: the state in it cannot be read ({type(error).__name__}: {error}); "
                "begin anew"
            ) from error


def _population(node: Node, name: str) -> Population:
    return Population(
        tuple(_candidate(each, name) for each in node["candidates"]),
        frozenset(str(each) for each in node["edited"]),
        tuple(float(each) for each in node["prices"]),
        float(node["cost"]),
    )


def _candidate_node(candidate: Candidate) -> Node:
    return {
        "stage": stage_node(candidate.stage, candidate.values),
        "free": [bool(free) for free in candidate.free],
        "loss": repr(candidate.loss),
        "latency_shifts": [repr(samples) for samples in candidate.latency_shifts],
    }


def _candidate(node: Node, name: str) -> Candidate:
    settled = StageReader(name, None, complete=True).read(node["stage"])
    free = np.array([bool(each) for each in node["free"]], dtype=bool)
    if len(free) != len(settled.values):
        raise ValueError("'free' has another length than the values")
    loss = None if node["loss"] == "None" else float(node["loss"])
    shifts = tuple(float(samples) for samples in node["latency_shifts"])
    return Candidate(settled.stage, settled.values, free, loss, shifts)


def _point_node(point: FrontPoint) -> Node:
    return {
        "candidate": _candidate_node(point.candidate),
        "fitted": repr(point.fitted),
        "judged": repr(point.judged),
    }


def _point(node: Node, name: str) -> FrontPoint:
    candidate = _candidate(node["candidate"], name)
    return FrontPoint(candidate, float(node["fitted"]), float(node["judged"]))


def _response_node(response: MeasuredResponse | None) -> Node | None:
    if response is None:
        return None
    return {
        "impulse_response": encode(response.impulse_response),
        "makeup_db": response.makeup_db,
        "checked": response.checked,
        "taps": response.taps,
        "ridge": response.ridge,
    }


def _response(node: Any) -> MeasuredResponse | None:
    if node is None:
        return None
    embedded = validate(AssetNode, node["impulse_response"], MatchError)
    return MeasuredResponse(
        decode("impulse_response", embedded, None, MatchError, hashed=True),
        float(node["makeup_db"]),
        float(node["checked"]),
        int(node["taps"]),
        float(node["ridge"]),
    )


def _entry(node: Node) -> Entry:
    """Read a step of the history."""
    return {
        "phase": str(node["phase"]),
        "loss": float(node["loss"]),
        "step": int(node["step"]),
        "seconds": float(node["seconds"]),
    }


def _texts(node: Any) -> Any:
    """Return the state of random numbers with its long integers as text."""
    if isinstance(node, dict):
        return {key: _texts(below) for key, below in node.items()}
    return str(node)


def _numbers(node: Any) -> Any:
    """Undo `_texts`."""
    if isinstance(node, dict):
        return {key: _numbers(below) for key, below in node.items()}
    return int(node) if str(node).isdecimal() else str(node)
