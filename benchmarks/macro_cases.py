"""The cases of `macros.py`: hidden chains of which one knob moves one to three values."""

from dataclasses import dataclass

import numpy as np

from fxchain.data.presets import HIDDEN_RANGES, hidden_rng
from fxchain.data.signals import plucked_strings
from fxchain.data.structures import random_kinds, random_structure
from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move, move_indices
from fxchain.stage import WEIGHT, Slot
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical

#: Changed when the same numbers begin to give other devices.
STREAM = 32
RATE, SECONDS = 44_100, 6.0
NAME, LOW, HIGH = "knob", 0.0, 10.0
#: Captured positions, and those between them that are never shown to the match.
CAPTURED, BETWEEN = (0.0, 2.5, 5.0, 7.5, 10.0), (1.25, 3.75, 6.25, 8.75)
#: Exponents of the curves: value = start + (end − start)·(knob / 10)^exponent on its scale.
EXPONENTS = (0.6, 1.6)
#: At most so many stages, none of which is one of these: a pedal or a preamplifier.
MOST_STAGES, NO_PEDAL = 4, {"delay", "reverb"}
#: A hidden value moves over this share of the range that values of chains are drawn from, at least.
LEAST_MOVE = 0.35
#: Points of the hidden curves, moves in the unit cube that count as none, and distances in it at
#: which two values count as equal.
_POINTS, _STILL, _EQUAL = 41, 5e-3, 0.02


@dataclass(frozen=True, eq=False)
class HiddenDevice:
    """A device with one knob.

    Attributes:
        name: in the table
        dry: (1, samples)
        preset: with the macro
    """

    name: str
    dry: np.ndarray
    preset: Preset

    def at(self, position: float) -> Preset:
        """Return the device with its knob at a position."""
        return self.preset.with_macros({NAME: position})


def device(number: int) -> HiddenDevice:
    """Draw a device: a structure as `structure.py` draws them, of at most four stages and without
    echoes and rooms, then one to three curves."""
    rng = hidden_rng([STREAM, number])
    dry = np.atleast_2d(plucked_strings(SECONDS, RATE, seed=number)).astype(np.float32)
    while True:
        kinds, inside = random_kinds(rng, parallel=number % 4 == 3)
        if len(kinds) > MOST_STAGES or NO_PEDAL & set(kinds):
            continue
        drawn, _ = random_structure(rng, dry, RATE, kinds, inside)
        movable = [at for at, slot in enumerate(drawn.stage.slots()) if _range(slot) is not None]
        if movable:
            break
    count = min(int(rng.integers(1, 4)), len(movable))
    chosen = sorted(int(at) for at in rng.permutation(movable)[:count])
    places = {at: key for key, at in move_indices(drawn.stage).items()}
    moves, values = [], np.array(drawn.values)
    for at in chosen:
        curve = _curve(rng, drawn.stage.slots()[at])
        stage, parameter, branch = places[at]
        positions = tuple(map(float, np.linspace(LOW, HIGH, _POINTS)))
        moves.append(Move(stage, parameter, positions, tuple(map(float, curve)), "spline", branch))
        values[at] = curve[_POINTS // 2]
    macro = Macro(NAME, LOW, HIGH, (LOW + HIGH) / 2.0, tuple(moves))
    return HiddenDevice(f"{number:02d}", dry, Preset(drawn.stage, values, RATE, macros=(macro,)))


def moved_values(preset: Preset) -> list[str]:
    """Return the values that the knob moves in the canonical form of a chain, as `kind.name`.

    Where the canonical form has another structure at other positions, it is that of the chain as
    it stands.
    """
    turned = [preset.with_macros({NAME: at}) for at in CAPTURED]
    every = np.ones(preset.stage.size, dtype=bool)
    forms = [canonical(Candidate(each.stage, each.values, every)) for each in turned]
    names = [[slot.name for slot in form.stage.slots()] for form in forms]
    values = [form.values for form in forms]
    if any(each != names[0] for each in names):
        names, values = [[s.name for s in preset.stage.slots()]], [each.values for each in turned]
        slots = preset.stage.slots()
    else:
        slots = forms[0].stage.slots()
    tracks = np.array(
        [
            [slot.spec.normalize(float(v)) for slot, v in zip(slots, row, strict=True)]
            for row in values
        ]
    )
    wide = np.ptp(tracks, axis=0) > _STILL if tracks.size else np.zeros(0, dtype=bool)
    return sorted(name for name, moves in zip(names[0], wide, strict=True) if moves)


def moves_the_same(one: Preset, other: Preset) -> bool:
    """Tell whether as many values move, with equal canonical forms at all captured positions.

    Shelves that pass each other are named by which is the lower: as they stand, another one moves.
    """
    if len(moved_kinds(one)) != len(moved_kinds(other)):
        return False
    for at in CAPTURED:
        forms = []
        for preset in (one, other):
            turned = preset.with_macros({NAME: at})
            every = np.ones(turned.stage.size, dtype=bool)
            form = canonical(Candidate(turned.stage, turned.values, every))
            pairs = zip(form.stage.slots(), form.values, strict=True)
            forms.append([(slot.name, slot.spec.normalize(float(v))) for slot, v in pairs])
        if [name for name, _ in forms[0]] != [name for name, _ in forms[1]]:
            return False
        if any(abs(a - b) > _EQUAL for (_, a), (_, b) in zip(*forms, strict=True)):
            return False
    return True


def labels(preset: Preset) -> str:
    """Return the effects of a chain in signal order."""
    slots = {slot.path: slot.kind for slot in preset.stage.slots() if slot.kind != "mix"}
    return " → ".join(slots.values()) or "nothing"


def moved_kinds(preset: Preset) -> list[str]:
    """Return the values that the knob moves as the chain stands, as `kind.name`."""
    slots, numbers = preset.stage.slots(), move_indices(preset.stage)
    keys = [(m.stage, m.parameter, m.branch) for macro in preset.macros for m in macro.moves]
    return sorted(slots[numbers[key]].name for key in keys)


def _range(slot: Slot) -> tuple[float, float] | None:
    """Return the range that a value is moved in; None for what is not moved."""
    if slot.quantized or slot.spec.name == "width":
        return None
    if slot.spec is WEIGHT:
        return 0.1, 1.0
    known = HIDDEN_RANGES.get(slot.kind, {}).get(slot.spec.name)
    if slot.kind == "highpass_filter":
        return 40.0, 400.0
    if slot.kind == "lowpass_filter":
        return 2_000.0, 12_000.0
    return (-20.0, -3.0) if slot.kind == "clipping" else known


def _curve(rng: np.random.Generator, slot: Slot) -> np.ndarray:
    """Draw a monotone curve of a value, (points,)."""
    low, high = _range(slot) or (0.0, 1.0)
    log = slot.spec.scale == "log"
    ends = np.log([low, high]) if log else np.array([low, high])
    while True:
        start, end = rng.uniform(size=2)
        if abs(end - start) >= LEAST_MOVE:
            break
    shape = np.linspace(0.0, 1.0, _POINTS) ** np.exp(rng.uniform(*np.log(EXPONENTS)))
    place = ends[0] + (ends[1] - ends[0]) * (start + (end - start) * shape)
    return np.clip(np.exp(place) if log else place, slot.spec.low, slot.spec.high)
