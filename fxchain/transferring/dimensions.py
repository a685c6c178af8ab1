"""The dimensions of a style, and which knobs of a chain serve them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.errors import MatchError
from fxchain.stage import Effect, OneChain, Stage

DIMENSIONS = ("tone", "dynamics", "level", "width", "space", "drive")

#: The first effect of one of these purposes determines the purpose of the mix around it.
_DECISIVE = ("drive", "space")


def checked_dimensions(names: Iterable[str]) -> tuple[str, ...]:
    """Return the dimensions in the order of `DIMENSIONS`, each once.

    Raises:
        MatchError: one is unknown, or there is none.
    """
    given = list(names)
    for name in given:
        if name not in DIMENSIONS:
            raise MatchError(f"--match: {name!r} is none of {', '.join(DIMENSIONS)}")
    if not given:
        raise MatchError(f"--match: name at least one of {', '.join(DIMENSIONS)}")
    return tuple(name for name in DIMENSIONS if name in given)


@dataclass(frozen=True)
class _Knob:
    """The purpose of a control.

    Attributes:
        purpose: the dimension it serves
        in_mix: it belongs to a mix, which determines its purpose
    """

    purpose: str
    in_mix: bool = False


@dataclass(frozen=True)
class _Purposes:
    """The purposes in a stage: of its controls, and of its effects in signal order."""

    knobs: tuple[_Knob, ...]
    effects: tuple[str, ...]


class _PurposeVisitor(OneChain[_Purposes]):
    """A visitor that finds the purpose of each control."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> _Purposes:
        """Return the effect's purpose for each of its controls; `tone` where it is no dimension."""
        purpose = effect.primitive.purpose
        purpose = purpose if purpose in DIMENSIONS else "tone"
        return _Purposes((_Knob(purpose),) * len(values), (purpose,))

    def chain(self, stages: Sequence[_Purposes], path: str) -> _Purposes:
        """Return those of all stages."""
        return _Purposes(
            tuple(knob for stage in stages for knob in stage.knobs),
            tuple(purpose for stage in stages for purpose in stage.effects),
        )

    def mix(self, branches: Sequence[tuple[float, _Purposes]], path: str) -> _Purposes:
        """Return the purpose of the first drive or reverberation for all controls of the mix."""
        effects = tuple(purpose for _, branch in branches for purpose in branch.effects)
        decisive = next((purpose for purpose in effects if purpose in _DECISIVE), None)
        knobs: list[_Knob] = []
        for _, branch in branches:
            knobs.append(_Knob(decisive or "tone", in_mix=True))
            knobs += [
                knob if knob.in_mix else _Knob(decisive or knob.purpose, in_mix=True)
                for knob in branch.knobs
            ]
        return _Purposes(tuple(knobs), effects)


def knob_purposes(stage: Stage) -> tuple[str, ...]:
    """Return which dimension each control of a chain serves, (size,).

    A control serves the purpose of its effect. A mix serves the purpose of its first drive or
    space effect, with all controls in its branches.
    """
    found = stage.visit(_PurposeVisitor(), np.zeros(stage.size))
    return tuple(knob.purpose for knob in found.knobs)


def serving(stage: Stage, dimensions: Collection[str]) -> np.ndarray:
    """Return which controls of a chain serve any of the dimensions, (size,) bool."""
    return np.array([each in dimensions for each in knob_purposes(stage)], dtype=bool)
