"""The routing of a preset's channels: checked, read and written."""

import math
from typing import Any

from fxchain.errors import PresetError
from fxchain.player import Routing
from fxchain.preset.nodes import RoutingNode, validate
from fxchain.wording import counted

MOST_CHANNELS = 8
LONGEST_DELAY_SAMPLES = 1_000_000


def checked_routing(routing: Routing | None, name: str) -> Routing | None:
    """Return a routing, or None where it changes nothing.

    Args:
        routing: of a preset
        name: what messages call the preset

    Raises:
        PresetError: the matrices do not fit each other, or a number makes no sense.
    """
    if routing is None:
        return None
    rows = (*routing.inputs, *routing.outputs)
    widths = {len(row) for row in routing.inputs}, {len(row) for row in routing.outputs}
    count = len(routing.outputs)
    fits = (
        len(widths[0]) == 1
        and widths[1] == {len(routing.inputs)}
        and max(*widths[0], len(routing.inputs), count) <= MOST_CHANNELS
        and min(widths[0]) > 0
        and len(routing.delays_samples) == count
        and len(routing.constants) in (0, *widths[0])
    )
    if not fits:
        raise PresetError(
            f"{name}: routing: inputs must be chain × recording channels, outputs output × chain "
            f"channels, {MOST_CHANNELS} at most, with one delay for each output and one constant "
            "for each recording channel or none"
        )
    if not all(math.isfinite(each) for row in (*rows, routing.constants) for each in row):
        raise PresetError(f"{name}: routing: a factor or constant is not a finite number")
    if not all(0 <= delay <= LONGEST_DELAY_SAMPLES for delay in routing.delays_samples):
        raise PresetError(f"{name}: routing: a delay is outside [0, {LONGEST_DELAY_SAMPLES}]")
    return None if routing.is_plain else routing


def read_routing(node: dict[str, Any] | None, name: str) -> Routing | None:
    """Return the routing that a preset's JSON holds.

    Raises:
        PresetError: naming the preset and the field.
    """
    if node is None:
        return None

    def refuse(sentence: str) -> PresetError:
        return PresetError(f"{name}: {sentence}")

    found = validate(RoutingNode, node, refuse, within="routing")
    inputs, outputs = (tuple(map(tuple, each)) for each in (found.inputs, found.outputs))
    routing = Routing(inputs, outputs, tuple(found.delays_samples), tuple(found.constants))
    return checked_routing(routing, name)


def routing_node(routing: Routing | None) -> dict[str, Any]:
    """Return the field of a preset's JSON; none where each channel goes through as it is."""
    if routing is None:
        return {}
    return {
        "routing": {
            "inputs": [list(row) for row in routing.inputs],
            "outputs": [list(row) for row in routing.outputs],
            "delays_samples": list(routing.delays_samples),
            **({"constants": list(routing.constants)} if any(routing.constants) else {}),
        }
    }


def routed(board: Any, routing: Routing | None, rate_ratio: float) -> Any:
    """Return a board with the routing around it; see `Routing.around`."""
    return board if routing is None else routing.around(board, rate_ratio)


def describe(routing: Routing | None) -> list[str]:
    """Return a line about what a routing does to each output channel, for people."""
    if routing is None:
        return []
    lines = []
    for number, (row, delay) in enumerate(
        zip(routing.outputs, routing.delays_samples, strict=True)
    ):
        terms = [_term(factor, f"chain {at + 1}") for at, factor in enumerate(row) if factor]
        late = f", {counted(delay, 'sample')} late" if delay else ""
        lines.append(f"output {number + 1}: {' + '.join(terms) or 'silence'}{late}")
    heard = [
        f"chain {number + 1} hears "
        + (" + ".join(_term(f, f"input {at + 1}") for at, f in enumerate(row) if f) or "silence")
        for number, row in enumerate(routing.inputs)
    ]
    constants = [
        f"of input {number} a constant (DC) of {constant:+.2g} is taken out"
        for number, constant in enumerate(routing.constants, start=1)
        if constant
    ]
    return [*constants, *heard, *lines]


def _term(factor: float, what: str) -> str:
    sign = " inverted" if factor < 0 else ""
    level_db = 20.0 * math.log10(abs(factor))
    level = f" {level_db:+.1f} dB" if abs(level_db) >= 0.05 else ""
    return f"{what}{level}{sign}"
