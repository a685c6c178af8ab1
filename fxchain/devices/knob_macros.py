"""A layout as a preset: each knob of the device becomes a macro."""

from dataclasses import dataclass

import numpy as np

from fxchain.devices.captures import Captures
from fxchain.devices.layout import Layout
from fxchain.preset import Preset
from fxchain.preset.macros import Macro, Move, move_indices
from fxchain.structure.knob_vector import KnobVector


@dataclass(frozen=True, eq=False)
class KnobMacros:
    """Makes presets of layouts.

    Attributes:
        vector: the chain, and which of its values are free
        sample_rate: Hz
    """

    vector: KnobVector
    sample_rate: int

    def at(self, cube: np.ndarray) -> Preset:
        """Return a preset without macros, at positions (values,)."""
        return Preset(self.vector.stage, self.vector.values(cube), self.sample_rate)

    def preset(self, layout: Layout, numbers: np.ndarray, captures: Captures) -> Preset:
        """Return the preset at the reference, with a macro for each knob of the device.

        A macro moves each value along a monotone spline through the captured positions, on the
        scale of the value; its range is that of the captured positions.

        Args:
            layout: which values follow which knobs
            numbers: (layout.numbers,)
            captures: of the layout
        """
        base = np.array(
            [n for n, (_, knob, _) in zip(numbers, layout.columns, strict=True) if knob < 0]
        )
        values = self.vector.values(np.clip(base, 0.0, 1.0))
        by_number = dict(zip(layout.columns, numbers, strict=True))
        macros = []
        for number, knob in enumerate(captures.knobs):
            settings = captures.settings(number)
            tracks = np.tile(base, (len(settings), 1))
            for row, position in zip(tracks, settings, strict=True):
                for value in range(len(base)):
                    row[value] += by_number.get((value, number, float(position)), 0.0)
            moves = self._moves(layout.follows[:, number], settings, np.clip(tracks, 0.0, 1.0))
            low, high, now = float(settings[0]), float(settings[-1]), layout.reference[number]
            macros.append(Macro(knob.name, low, high, float(now), moves))
        return Preset(self.vector.stage, values, self.sample_rate, macros=tuple(macros))

    def _moves(
        self, follows: np.ndarray, settings: np.ndarray, tracks: np.ndarray
    ) -> tuple[Move, ...]:
        """Return how each value that follows a knob moves; tracks are (settings, values)."""
        places = {at: key for key, at in move_indices(self.vector.stage).items()}
        free = np.flatnonzero(self.vector.free)
        physical = np.array([self.vector.values(track) for track in tracks])
        moves = []
        for value in np.flatnonzero(follows):
            at = int(free[value])
            stage, parameter, branch = places[at]
            spec = self.vector.slots[value].spec
            points = np.clip(physical[:, at], spec.low, spec.high)
            positions = tuple(map(float, settings))
            moves.append(
                Move(stage, parameter, positions, tuple(map(float, points)), "spline", branch)
            )
        return tuple(moves)
