"""Positions that were left out: what a macro plays there, beside what else could be taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fxchain.devices.captures import Captures, without
from fxchain.devices.following import JointFit, fitted
from fxchain.devices.knob_macros import KnobMacros
from fxchain.devices.layout import Layout
from fxchain.devices.position_fits import PositionFits
from fxchain.errors import MatchError
from fxchain.metrics.scores import esr
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import BudgetView
from fxchain.preset import Preset
from fxchain.recordings.aligned_pair import AlignedPair
from fxchain.render import render

#: Second-order steps without a position, at most.
STEPS = 10


@dataclass(frozen=True)
class LeftOut:
    """The errors at a capture whose position was left out, as error-to-signal ratios.

    Attributes:
        id: of the pair
        knob: of which a position was left out
        position: that position
        esr: of the macros, fitted without the position
        nearest: of the nearest position that was not left out, fitted by itself
        separate: of every value interpolated between fits of each position by itself
    """

    id: str
    knob: str
    position: float
    esr: float
    nearest: float
    separate: float

    def node(self) -> dict[str, Any]:
        """Return it as `metrics.json` holds it."""
        return dict(vars(self))


def judge_left_out(
    captures: Captures,
    pairs: Sequence[AlignedPair],
    members: Sequence[WaveformError],
    fits: PositionFits,
    found: JointFit,
    budget: BudgetView,
) -> list[LeftOut]:
    """Leave out each position of each knob that lies between others, and play what is found there.

    What follows the knobs stays as it was found with all positions; all numbers are fitted anew.

    Args:
        captures: all positions
        pairs: aligned, of all captures
        members: the error of each capture
        fits: of each capture by itself
        found: of all captures together
        budget: of the second-order steps
    """
    macros = KnobMacros(fits.vector, members[0].sample_rate)
    rows = []
    for knob, position, left in _inner(captures):
        kept = without(captures, left)
        layout = Layout(found.layout.follows, kept.positions, kept.reference)
        start = layout.nearest(found.cubes[~left])
        used = [member for member, out in zip(members, left, strict=True) if not out]
        again = fitted(used, layout, start, STEPS, budget)
        joint = macros.preset(layout, again.numbers, kept)
        every = replace(layout, follows=np.ones_like(layout.follows))
        separate = macros.preset(every, every.nearest(fits.cubes[~left]), kept)
        for at in map(int, np.flatnonzero(left)):
            there = captures.positions[at]
            near = np.flatnonzero(~left)[int(np.argmin(kept.distances(there)))]
            rows.append(
                LeftOut(
                    captures.sources[at].id,
                    captures.knobs[knob].name,
                    position,
                    pair_error(turned_to(joint, kept, there), pairs[at]),
                    pair_error(macros.at(fits.cubes[near]), pairs[at]),
                    pair_error(turned_to(separate, kept, there), pairs[at]),
                )
            )
    return rows


def turned_to(preset: Preset, captures: Captures, positions: np.ndarray) -> Preset:
    """Return a preset whose macros stand at positions (knobs,), as far as their ranges reach."""
    ends = {macro.name: (macro.low, macro.high) for macro in preset.macros}
    names = [knob.name for knob in captures.knobs]
    return preset.with_macros(
        {
            name: min(max(at, ends[name][0]), ends[name][1])
            for name, at in zip(names, positions, strict=True)
        }
    )


def pair_error(preset: Preset, pair: AlignedPair) -> float:
    """Return the error-to-signal ratio of a preset on all of a pair."""
    made = render(preset, pair.dry, preset.sample_rate).copy()
    for begin, end in pair.gaps:
        made[:, begin:end] = pair.wet[:, begin : min(end, made.shape[1])]
    part = slice(pair.fitted[0], min(made.shape[1], pair.wet.shape[1]))
    made, wet = made[:, part], pair.wet[:, part]
    if pair.problem.gain_free:
        power = float(np.square(made, dtype=np.float64).sum())
        product = float(np.sum(made * wet, dtype=np.float64))
        made = made * np.float32(max(product, 0.0) / max(power, 1e-20))
    return float(esr(wet, made))


def _inner(captures: Captures) -> Iterator[tuple[int, float, np.ndarray]]:
    """Yield (knob, position, which captures have it) of each position between others."""
    for knob in range(len(captures.knobs)):
        for position in captures.settings(knob)[1:-1]:
            left = captures.positions[:, knob] == position
            try:
                without(captures, left)
            except MatchError:  # another knob would stand at one position only
                continue
            yield knob, float(position), left
