"""What was set on the page as arguments of `fxchain.match` or `fxchain.transfer`."""

from collections.abc import Sequence
from typing import Any

from fxchain.matching.wishes import Wishes
from fxchain.studio.jobs import Task
from fxchain.transferring.dimensions import checked_dimensions
from fxchain.transferring.wishes import TransferWishes


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
        TransferWishes(amount=float(amount), dimensions=chosen, **common).check(references=1)
        return {**common, "amount": float(amount), "match": list(chosen)}
    options = {
        **common,
        "chain": chain,
        "without": list(without),
        "only_pedalboard": only_pedalboard,
        "measured_response": measured_response,
    }
    wishes = Wishes(**{**options, "without": tuple(without)})
    wishes.check()
    wishes.template()
    return options
