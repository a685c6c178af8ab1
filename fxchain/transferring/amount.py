"""How much of a found style is taken over, and which of its dimensions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.errors import MatchError
from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix, Stage
from fxchain.transferring.dimensions import chosen
from fxchain.transferring.neutral import neutral_values

#: Knobs closer to rest than this, in the unit cube, do nothing.
STILL = 1e-9


@dataclass(frozen=True)
class _Part:
    """A stage and its values."""

    stage: Stage
    values: tuple[float, ...]


class _Blend:
    """Rebuilds a stage with some of each effect: see `scaled`.

    Args:
        amount: 0 to 1
        stage: what is rebuilt
        dimensions: what is taken over
    """

    def __init__(self, amount: float, stage: Stage, dimensions: Collection[str]) -> None:
        slots = stage.slots()
        self._shares = dict(
            zip([slot.path for slot in slots], amount * chosen(slots, dimensions), strict=True)
        )

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[_Part]:
        primitive = effect.primitive
        whole = _Part(effect, tuple(map(float, values)))
        if ".mix[" in path:
            return [whole]
        share = float(self._shares.get(path, 1.0))
        if primitive.neutral is None:
            return _beside_clean(whole, share)
        moved = tuple(
            _between(spec, primitive.neutral[spec.name], float(value), share)
            if spec.name in primitive.neutral
            else float(value)
            for spec, value in zip(primitive.parameters, values, strict=True)
        )
        still = _still(primitive.parameters, primitive.neutral, moved)
        return [] if still else [_Part(effect, moved)]

    def chain(self, stages: Sequence[list[_Part]], path: str) -> list[_Part]:
        parts = [part for stage in stages for part in stage]
        stage = Chain(tuple(part.stage for part in parts))
        return [_Part(stage, tuple(value for part in parts for value in part.values))]

    def mix(self, branches: Sequence[tuple[float, list[_Part]]], path: str) -> list[_Part]:
        stages, values = [], []
        for weight, (branch,) in branches:
            stages.append(branch.stage)
            values += [weight, *branch.values]
        whole = Mix(tuple(stages))
        if ".mix[" in path:
            return [_Part(whole, tuple(values))]
        share = float(self._shares[f"{path}.mix[0]" if path else "mix[0]"])
        found, rest = np.array(values), neutral_values(whole, np.array(values))
        if np.array_equal(found, rest):
            clean = any(stage == Chain() for stage in stages)
            return [] if clean else _beside_clean(_Part(whole, tuple(values)), share)
        moved = tuple(
            _between(slot.spec, float(start), float(end), share)
            for slot, start, end in zip(whole.slots(), rest, found, strict=True)
        )
        return [] if np.allclose(moved, rest, atol=STILL) else [_sounding(whole, moved)]


def scaled(preset: Preset, amount: float, dimensions: Collection[str]) -> Preset:
    """Return a preset that does only some of what it did.

    Knobs move in the unit cube between where their effect does nothing and where they stood. An
    effect that is always heard stands beside the clean sound instead, with the amount as its
    weight. What stands inside the branches of a mix stays, its weights move. Effects that do
    nothing and branches of weight 0 are left out, so that at an amount of 0 nothing is left.

    Args:
        preset: all of it
        amount: %, 0 to 100
        dimensions: what is taken over; the effects of others are left out

    Raises:
        MatchError: the amount is outside of its range.
    """
    check_amount(amount)
    blend = _Blend(amount / 100.0, preset.stage, dimensions)
    parts = preset.stage.visit(blend, preset.values)
    stages = parts if len(parts) != 1 or not isinstance(parts[0].stage, Chain) else None
    if stages is None:
        stage, values = parts[0].stage, parts[0].values
    else:
        stage = Chain(tuple(part.stage for part in stages))
        values = tuple(value for part in stages for value in part.values)
    return Preset(stage, np.array(values, dtype=np.float64), preset.sample_rate, preset.metadata)


def check_amount(amount: float) -> None:
    """Refuse what is no share.

    Raises:
        MatchError: outside 0 to 100 %.
    """
    if not 0.0 <= amount <= 100.0:
        raise MatchError(f"--amount {amount:g}: give 0 to 100 %")


def with_gain(preset: Preset, gain_db: float) -> Preset:
    """Return the preset louder by so much, its last gain moved or one added at its end."""
    stage, values = preset.stage, np.array(preset.values)
    gain = REGISTRY["gain"]
    spec = gain.spec("gain_db")
    places = [
        at
        for at, slot in enumerate(stage.slots())
        if slot.kind == "gain" and ".mix[" not in slot.path
    ]
    if places:
        values[places[-1]] = np.clip(values[places[-1]] + gain_db, spec.low, spec.high)
    else:
        below = stage.stages if isinstance(stage, Chain) else (stage,)
        stage = Chain((*below, Effect(gain)))
        values = np.append(values, np.clip(gain_db, spec.low, spec.high))
    return Preset(stage, values, preset.sample_rate, preset.metadata)


def _beside_clean(part: _Part, share: float) -> list[_Part]:
    """Return an effect beside the clean sound."""
    if share >= 1.0:
        return [part]
    if share <= 0.0:
        return []
    mix = Mix((Chain(), Chain((part.stage,))))
    return [_Part(mix, (1.0 - share, share, *part.values))]


def _sounding(mix: Mix, values: Sequence[float]) -> _Part:
    """Return a mix without the branches whose weight is 0, but not without all of them."""
    branches, start = [], 0
    for branch in mix.branches:
        end = start + 1 + branch.size
        branches.append((branch, tuple(values[start:end])))
        start = end
    heard = [(branch, own) for branch, own in branches if abs(own[0]) >= STILL]
    kept = heard or branches
    return _Part(Mix(tuple(branch for branch, _ in kept)), tuple(v for _, own in kept for v in own))


def _between(spec: ParameterSpec, rest: float, found: float, share: float) -> float:
    """Return the value at a share of the way in the unit cube; the ends exactly."""
    if share <= 0.0 or share >= 1.0:
        return found if share >= 1.0 else rest
    start, end = spec.normalize(rest), spec.normalize(found)
    low, high = sorted((rest, found))
    position = start + share * (end - start)
    if spec.scale == "log":
        value = spec.low * (spec.high / spec.low) ** position
    else:
        value = spec.low + (spec.high - spec.low) * position
    return float(min(max(value, low), high))


def _still(
    specs: Sequence[ParameterSpec], neutral: Mapping[str, float], values: Sequence[float]
) -> bool:
    """Tell whether all knobs that have a rest are there."""
    return all(
        abs(spec.normalize(value) - spec.normalize(neutral[spec.name])) < STILL
        for spec, value in zip(specs, values, strict=True)
        if spec.name in neutral
    )
