"""The state of a fit between two of its phases, as JSON and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fxchain.errors import FxchainError, MatchError
from fxchain.fir.impulse_response_fit import MeasuredResponse
from fxchain.optim.base import Budget, Entry
from fxchain.preset.impulse_responses import decode, encode
from fxchain.preset.nodes import ImpulseResponseNode, validate
from fxchain.preset.reading import StageReader
from fxchain.preset.writing import Describer
from fxchain.structure.candidate import Candidate

Node = dict[str, Any]


@dataclass(frozen=True)
class ScoredCandidate:
    """A chain that was judged.

    Attributes:
        form: the chain
        values: (size,), physical
        loss: its error on the long excerpt
    """

    form: Candidate
    values: np.ndarray
    loss: float


@dataclass(frozen=True)
class SearchState:
    """What a fit needs to go on as if it had never stopped.

    Attributes:
        phase: how many phases lie behind it
        best: the best chain so far
        response: the measured response at its end, if there is one
        response_seconds: how long that took, s
        rng: state of the random numbers
        kept: as in `Fit`
        notes: as in `Fit`
        dropped: as in `Fit`
        late: for each recording, how many samples later its wet was found to be
        evening: how much quiet moments count
        taken: steps of the budget
        elapsed: seconds of the budget
        history: of the budget
    """

    phase: int
    best: ScoredCandidate
    response: MeasuredResponse | None
    response_seconds: float
    rng: Node
    kept: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]
    dropped: tuple[str, ...]
    late: tuple[float, ...]
    loudness_weighting: float
    taken: int
    elapsed: float
    history: tuple[Entry, ...]

    def spend(self, budget: Budget) -> None:
        """Let a budget be as it was."""
        budget.taken = self.taken
        budget.started = budget.clock() - self.elapsed
        budget.history[:] = self.history

    def to_json(self) -> Node:
        """Return it as JSON; numbers come back as exactly the same ones."""
        form, values = self.best.form, self.best.values
        return {
            "phase": self.phase,
            "stage": form.stage.visit(Describer(), values),
            "free": [bool(free) for free in form.free],
            "loss": repr(self.best.loss),
            "response": None if self.response is None else _response_node(self.response),
            "response_seconds": self.response_seconds,
            "rng": _texts(self.rng),
            "kept": [[repr(seconds), repr(loss)] for seconds, loss in self.kept],
            "notes": list(self.notes),
            "dropped": list(self.dropped),
            "late": [repr(samples) for samples in self.late],
            "evening": self.loudness_weighting,
            "taken": self.taken,
            "elapsed": self.elapsed,
            "history": [{**entry, "loss": repr(entry["loss"])} for entry in self.history],
        }

    @classmethod
    def from_json(cls, node: Any, name: str) -> "SearchState":
        """Read it.

        Args:
            node: as `to_json` made it
            name: what messages call the file

        Raises:
            MatchError: it is not what `to_json` makes.
        """
        try:
            settled = StageReader(name, None, complete=True).read(node["stage"])
            free = np.array([bool(each) for each in node["free"]], dtype=bool)
            if len(free) != len(settled.values):
                raise ValueError("'free' has another length than the values")
            return cls(
                phase=int(node["phase"]),
                best=ScoredCandidate(
                    Candidate(settled.stage, settled.values, free),
                    settled.values,
                    float(node["loss"]),
                ),
                response=_response(node["response"]),
                response_seconds=float(node["response_seconds"]),
                rng=_numbers(node["rng"]),
                kept=tuple((float(seconds), float(loss)) for seconds, loss in node["kept"]),
                notes=tuple(str(note) for note in node["notes"]),
                dropped=tuple(str(label) for label in node["dropped"]),
                late=tuple(float(samples) for samples in node["late"]),
                loudness_weighting=float(node["evening"]),
                taken=int(node["taken"]),
                elapsed=float(node["elapsed"]),
                history=tuple(_entry(entry) for entry in node["history"]),
            )
        except (FxchainError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise MatchError(
                f"{name}: the state in it cannot be read ({type(error).__name__}: {error}); "
                "begin anew"
            ) from error


def _response_node(response: MeasuredResponse) -> Node:
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
    embedded = validate(ImpulseResponseNode, node["impulse_response"], MatchError)
    return MeasuredResponse(
        decode(embedded, None, MatchError, hashed=True),
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
