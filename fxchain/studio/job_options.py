"""The job form's values as arguments of `fxchain.match` or `fxchain.transfer`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fxchain.matching.options import MatchOptions
from fxchain.studio.jobs import Task
from fxchain.transferring.options import TransferOptions


@dataclass(frozen=True)
class FormValues:
    """The values of the job form, in the order of its components.

    Attributes:
        seconds: time limit of the search, s
        seed: of the random numbers; None: 0
        chain: of a match
        without: kinds of effects that a match leaves out
        only_pedalboard: a match uses only effects that pedalboard has
        measured_response: a match may end in a measured impulse response
        amount: of a transfer, %
        dimensions: of a transfer
    """

    seconds: float
    seed: float | None
    chain: str
    without: Sequence[str]
    only_pedalboard: bool
    measured_response: bool
    amount: float
    dimensions: Sequence[str]


def options_of(task: Task, form: FormValues) -> dict[str, Any]:
    """Return the arguments, as JSON can hold them.

    Raises:
        FxchainError: an option is out of range, or leaves no chain.
    """
    common: dict[str, Any] = {"seconds": float(form.seconds), "seed": int(form.seed or 0)}
    if task == Task.TRANSFER:
        transfer = TransferOptions(
            amount=float(form.amount), match=tuple(form.dimensions), **common
        )
        transfer.check(references=1)
        return {**common, "amount": transfer.amount, "match": list(transfer.match)}
    options = {
        **common,
        "chain": form.chain,
        "without": list(form.without),
        "only_pedalboard": form.only_pedalboard,
        "measured_response": form.measured_response,
    }
    chosen = MatchOptions(**{**options, "without": tuple(form.without)})
    chosen.check()
    chosen.template()
    return options
