"""What was set on the page as arguments of `fxchain.match` or `fxchain.transfer`."""

from collections.abc import Sequence
from typing import Any

from fxchain.matching.options import MatchOptions
from fxchain.studio.jobs import Task
from fxchain.transferring.dimensions import checked_dimensions
from fxchain.transferring.options import TransferOptions


def options_of(
    task: Task,
    seconds: float,
    seed: float | None,
    chain: str,
    without: Sequence[str],
    only_pedalboard: bool,
    measured_response: bool,
    amount: float,
    dimensions: Sequence[str],
) -> dict[str, Any]:
    """Return the arguments as JSON holds them.

    Raises:
        FxchainError: what was asked for makes no sense.
    """
    common: dict[str, Any] = {"seconds": float(seconds), "seed": int(seed or 0)}
    if task == Task.TRANSFER:
        chosen = checked_dimensions(dimensions)
        TransferOptions(amount=float(amount), dimensions=chosen, **common).check(references=1)
        return {**common, "amount": float(amount), "match": list(chosen)}
    options = {
        **common,
        "chain": chain,
        "without": list(without),
        "only_pedalboard": only_pedalboard,
        "measured_response": measured_response,
    }
    asked = MatchOptions(**{**options, "without": tuple(without)})
    asked.check()
    asked.template()
    return options
