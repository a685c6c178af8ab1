"""What can be changed about a chain before it is matched."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.errors import MatchError, ParameterError
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import REGISTRY, get_primitive
from fxchain.stage import (
    Chain,
    Effect,
    Mix,
    OneChain,
    Slot,
    Stage,
    ids_by_path,
    knob_name,
    stage_label,
)
from fxchain.structure.series import top_stages, with_top_stages
from fxchain.structure.template import Template

INVERT = get_primitive("invert")
_SETTING = re.compile(r"\s*(?P<name>[^=]+?)\s*=\s*(?P<value>[-+]?[\d.]+(?:e[-+]?\d+)?)(?P<unit>.*)")


@dataclass(frozen=True)
class Kept:
    """What is left of a stage.

    Attributes:
        stage: the structure, None when nothing is left of it
        index: (size,), where its values stood before
    """

    stage: Stage | None
    index: tuple[int, ...]


class _Remover(OneChain[Kept]):
    """Rebuilds a stage without effects of some kinds; it is visited with 0, 1, 2 … as values."""

    def __init__(self, kinds: Collection[str], ids: Mapping[str, str]) -> None:
        self._kinds, self._ids = kinds, ids

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Kept:
        kind = effect.primitive.kind
        if kind in self._kinds:
            return Kept(None, ())
        return Kept(effect, tuple(int(value) for value in values))

    def chain(self, stages: Sequence[Kept], path: str) -> Kept:
        left = tuple(kept.stage for kept in stages if kept.stage is not None)
        if stages and not left:
            return Kept(None, ())
        return Kept(Chain(left, self._ids[path]), tuple(at for kept in stages for at in kept.index))

    def mix(self, branches: Sequence[tuple[float, Kept]], path: str) -> Kept:
        left = [(int(at), kept) for at, kept in branches if kept.stage is not None]
        stages = tuple(kept.stage for _, kept in left if kept.stage is not None)
        if len(left) < len(branches) and all(kept.stage == Chain() for _, kept in left):
            return Kept(None, ())  # only the clean branch: a mix no more
        index = [place for at, kept in left for place in (at, *kept.index)]
        return Kept(Mix(stages, self._ids[path]), tuple(index))


class _Inversions(OneChain[int]):
    """A visitor that counts the inversions outside of mixes."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> int:
        return int(effect.primitive is INVERT)

    def chain(self, stages: Sequence[int], path: str) -> int:
        return sum(stages)

    def mix(self, branches: Sequence[tuple[float, int]], path: str) -> int:
        return 0


def without(template: Template, kinds: Iterable[str]) -> Template:
    """Leave out every effect of some kinds.

    Raises:
        MatchError: a kind is unknown or not in the chain, or nothing is left.
    """
    wanted = tuple(kinds)
    stage = template.stage
    effects = effects_of(stage, template.values)
    present = list(dict.fromkeys(placed.effect.primitive.kind for placed in effects))
    for kind in wanted:
        if kind not in present:
            known = "is not in the chain" if kind in REGISTRY else "is no effect"
            raise MatchError(f"--without: {kind!r} {known} (it has: {', '.join(present)})")
    kept = stage.visit(
        _Remover(wanted, ids_by_path(stage)), np.arange(stage.size, dtype=np.float64)
    )
    if kept.stage is None:
        raise MatchError("--without: nothing is left of the chain")
    index = np.array(kept.index, dtype=np.intp)
    return replace(
        template,
        stage=kept.stage,
        values=template.values[index],
        free=template.free[index],
        grows=tuple(kind for kind in template.grows if not _is_one_of(kind, wanted)),
        moving=tuple(kind for kind in template.moving if not _is_one_of(kind, wanted)),
    )


def _is_one_of(kind: str, kinds: Collection[str]) -> bool:
    """Tell whether an effect is of one of some kinds, or equals one at some values."""
    return kind in kinds or REGISTRY[kind].generalizes in kinds


def lock(template: Template, setting: str) -> Template:
    """Fix a control at a value.

    Args:
        template: the chain
        setting: `compressor.ratio=4` for that control of every such effect, or with the place of
            one, `chain[12].ratio=4`; the unit may follow the number

    Raises:
        MatchError: it cannot be read, the control is not there, or the value is out of range.
    """
    match = _SETTING.fullmatch(setting)
    if match is None:
        raise MatchError(f"--lock {setting}: write it as compressor.ratio=4")
    name, unit = match["name"], match["unit"].strip()
    slots = template.stage.slots()
    chosen = [at for at, slot in enumerate(slots) if name in (slot.name, full_name(slot))]
    if not chosen:
        known = ", ".join(dict.fromkeys(slot.name for slot in slots))
        raise MatchError(f"--lock {setting}: {name!r} is not in the chain (it has: {known})")
    values, free = np.array(template.values), np.array(template.free)
    for at in chosen:
        values[at] = _checked(slots[at], match["value"], unit, setting)
        free[at] = False
    return replace(template, values=values, free=free, locked=True)


def full_name(slot: Slot) -> str:
    """Return where a control stands and what it is called: `chain[3].ratio`."""
    return knob_name(slot.path, slot.spec.name)


def with_polarity(template: Template, polarity: int) -> Template:
    """Turn the chain round with an `invert` at its end, when it does not do so by itself.

    Args:
        template: the chain
        polarity: +1 or -1, what it should have
    """
    inversions = template.stage.visit(_Inversions(), template.values)
    if (-1) ** inversions == polarity:
        return template
    inverted = with_top_stages(template.stage, (*top_stages(template.stage), Effect(INVERT)))
    return replace(template, stage=inverted, inverted=True)


def for_pair(template: Template, polarity: int, channels: int) -> Template:
    """Return a chain with what the recordings settle.

    Args:
        template: the chain
        polarity: +1 or -1, what it should have
        channels: how many the recordings have
    """
    made = for_channels(with_polarity(template, polarity), channels)
    return replace(made, polarity=polarity)


def for_channels(template: Template, channels: int) -> Template:
    """Fix what changes nothing with so many channels: the width of a reverb in mono."""
    idle = [slot.spec.stereo_only and channels == 1 for slot in template.stage.slots()]
    grows = (k for k in template.grows if channels > 1 or not _is_idle_in_mono(k))
    return replace(template, free=template.free & ~np.array(idle, dtype=bool), grows=tuple(grows))


def _is_idle_in_mono(kind: str) -> bool:
    return all(spec.stereo_only for spec in REGISTRY[kind].parameters)


def require_twins(template: Template) -> None:
    """Refuse a chain that pedalboard cannot play.

    Raises:
        MatchError: naming the stage.
    """
    missing = Preset(template.stage, template.values, 44_100).without_twin()
    if missing:
        raise MatchError(
            f"--only-pedalboard: pedalboard has no {missing[0]}; leave it out of the chain"
        )


def _checked(slot: Slot, text: str, unit: str, setting: str) -> float:
    """Return the number in a setting, checked against the control's unit and range."""
    spec = slot.spec
    if unit and unit.lower() != spec.unit.lower():
        expected = f"in {spec.unit}" if spec.unit else "without a unit"
        raise MatchError(f"--lock {setting}: {slot.name} is given {expected}")
    try:
        return spec.check(float(text))
    except (ParameterError, ValueError) as error:
        label = stage_label(slot.path, slot.kind)
        raise MatchError(f"--lock {setting}: {label}: {error}") from error
