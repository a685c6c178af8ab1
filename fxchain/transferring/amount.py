"""How much of a style is applied, and which of its dimensions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.errors import MatchError
from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix, OneChain, Stage, ids_by_path
from fxchain.stage.slot import WEIGHT
from fxchain.structure.equalizer_bands import level_index
from fxchain.structure.neutral import neutral_values
from fxchain.structure.series import top_stages, with_top_stages
from fxchain.transferring.dimensions import serving

#: Controls within this distance of neutral, in the unit cube, count as neutral.
TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class ScaledPreset:
    """A part of a preset.

    Attributes:
        preset: the part
        sources: (size of the part,), the index in the whole preset's values of the control that
            each value belongs to, or −1 where the whole has no such control
    """

    preset: Preset
    sources: np.ndarray


@dataclass(frozen=True)
class _Part:
    """A stage with its values and their indices in the whole preset, −1 for new ones."""

    stage: Stage
    values: tuple[float, ...]
    sources: tuple[int, ...]


@dataclass(frozen=True)
class _Scaling:
    """A stage twice: unchanged, and as the stages in series that its scaled version consists of."""

    whole: _Part
    scaled: tuple[_Part, ...]


class _Scaler(OneChain[_Scaling]):
    """A visitor that scales a stage, see `scaled`; it is visited with the indices of the values.

    Args:
        preset: the whole
        shares: (size,), how much of each control is applied, 0 to 1
    """

    def __init__(self, preset: Preset, shares: np.ndarray) -> None:
        self._values, self._shares = preset.values, shares
        self._ids = ids_by_path(preset.stage)

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> _Scaling:
        """Move an effect towards its neutral values."""
        sources = tuple(map(int, values))
        whole = _Part(effect, tuple(float(self._values[at]) for at in sources), sources)
        share = float(self._shares[sources[0]]) if sources else 1.0
        neutral, specs = effect.primitive.neutral, effect.primitive.parameters
        if neutral is None:
            return _Scaling(whole, _beside_clean(whole, share))
        moved = tuple(
            _between(spec, neutral[spec.name], value, share) if spec.name in neutral else value
            for spec, value in zip(specs, whole.values, strict=True)
        )
        scaled = () if _is_neutral(specs, neutral, moved) else (replace(whole, values=moved),)
        return _Scaling(whole, scaled)

    def chain(self, stages: Sequence[_Scaling], path: str) -> _Scaling:
        """Put the scaled stages in series."""
        scaled = [part for stage in stages for part in stage.scaled]
        name = self._ids[path]
        whole = _in_series([stage.whole for stage in stages], name)
        return _Scaling(whole, (_in_series(scaled, name),))

    def mix(self, branches: Sequence[tuple[float, _Scaling]], path: str) -> _Scaling:
        """Move the weights towards the clean branch alone; branches themselves stay unchanged."""
        parts = [branch.whole for _, branch in branches]
        sources = [int(at) for at, _ in branches]
        weights = [float(self._values[at]) for at in sources]
        whole = _mixed(weights, sources, parts, self._ids[path])
        share = float(self._shares[sources[0]])
        places = np.cumsum([0, *(1 + len(part.values) for part in parts[:-1])])
        neutral = neutral_values(whole.stage, np.array(whole.values))[places]
        if np.array_equal(weights, neutral):
            clean = any(part.stage == Chain() for part in parts)
            return _Scaling(whole, () if clean else _beside_clean(whole, share))
        moved = [
            _between(WEIGHT, float(start), end, share)
            for start, end in zip(neutral, weights, strict=True)
        ]
        if np.allclose(moved, neutral, atol=TOLERANCE):
            return _Scaling(whole, ())
        kept = [at for at, weight in enumerate(moved) if abs(weight) >= TOLERANCE]
        kept = kept or list(range(len(moved)))
        audible = _mixed(
            [moved[at] for at in kept],
            [sources[at] for at in kept],
            [parts[at] for at in kept],
            self._ids[path],
        )
        return _Scaling(whole, (audible,))


def scaled(preset: Preset, amount: float, dimensions: Collection[str]) -> ScaledPreset:
    """Return a preset that applies a share of the whole.

    Controls move linearly in the unit cube, from the neutral values of their effect at 0 % to
    their own at 100 %. An effect without neutral values is mixed with the clean signal instead,
    with the amount as its weight. Inside the branches of a mix nothing moves; the weights do.
    Effects that do nothing and branches of weight 0 are left out, so that nothing is left at 0 %.
    Macros stay where they stand and are no part of it.

    Args:
        preset: the whole
        amount: %, 0 to 100
        dimensions: those that are applied; effects that serve others are left out

    Raises:
        MatchError: the amount is out of range.
    """
    check_amount(amount)
    shares = amount / 100.0 * serving(preset.stage, dimensions)
    indices = np.arange(preset.stage.size, dtype=np.float64)
    found = _in_series(preset.stage.visit(_Scaler(preset, shares), indices).scaled)
    stage = Chain(
        tuple(stage for part in top_stages(found.stage) for stage in top_stages(part)),
        ids_by_path(preset.stage)[""] if isinstance(preset.stage, Chain) else "",
    )
    values = np.array(found.values, dtype=np.float64)
    part = replace(preset, stage=stage, values=values, macros=())
    return ScaledPreset(part, np.array(found.sources, int))


def check_amount(amount: float) -> None:
    """Refuse an amount out of range.

    Raises:
        MatchError: outside 0 to 100 %.
    """
    if not 0.0 <= amount <= 100.0:
        raise MatchError(f"--amount {amount:g}: give 0 to 100 %")


def with_gain(part: ScaledPreset, gain_db: float) -> ScaledPreset:
    """Return the preset louder by `gain_db`: by its last gain in series, or by one behind it."""
    preset, values = part.preset, np.array(part.preset.values)
    gain = REGISTRY["gain"]
    spec = gain.spec("gain_db")
    last = level_index(preset.stage, values, np.ones(len(values), dtype=bool))
    if last is not None:
        values[last] = np.clip(values[last] + gain_db, spec.low, spec.high)
        return replace(part, preset=replace(preset, values=values))
    stage = with_top_stages(preset.stage, (*top_stages(preset.stage), Effect(gain)))
    values = np.append(values, np.clip(gain_db, spec.low, spec.high))
    return ScaledPreset(replace(preset, stage=stage, values=values), np.append(part.sources, -1))


def _in_series(parts: Sequence[_Part], name: str = "") -> _Part:
    return _Part(
        Chain(tuple(part.stage for part in parts), name),
        tuple(value for part in parts for value in part.values),
        tuple(source for part in parts for source in part.sources),
    )


def _mixed(
    weights: Sequence[float], sources: Sequence[int], parts: Sequence[_Part], name: str = ""
) -> _Part:
    """Return a mix of branches; `sources` are those of the weights."""
    branches = list(zip(weights, sources, parts, strict=True))
    return _Part(
        Mix(tuple(part.stage for part in parts), name),
        tuple(value for weight, _, part in branches for value in (weight, *part.values)),
        tuple(index for _, source, part in branches for index in (source, *part.sources)),
    )


def _beside_clean(part: _Part, share: float) -> tuple[_Part, ...]:
    """Return share · effect + (1 − share) · clean."""
    if share >= 1.0:
        return (part,)
    if share <= 0.0:
        return ()
    clean, processed = _in_series(()), _in_series((part,))
    return (_mixed((1.0 - share, share), (-1, -1), (clean, processed)),)


def _between(spec: ParameterSpec, neutral: float, full: float, share: float) -> float:
    """Return the value at a share of the distance in the unit cube; the ends exactly."""
    if share <= 0.0 or share >= 1.0:
        return full if share >= 1.0 else neutral
    start, end = spec.normalize(neutral), spec.normalize(full)
    low, high = sorted((neutral, full))
    position = start + share * (end - start)
    if spec.scale == "log":
        value = spec.low * (spec.high / spec.low) ** position
    else:
        value = spec.low + (spec.high - spec.low) * position
    return float(min(max(value, low), high))


def _is_neutral(
    specs: Sequence[ParameterSpec], neutral: Mapping[str, float], values: Sequence[float]
) -> bool:
    """Tell whether all controls that have a neutral value are within `TOLERANCE` of it."""
    return all(
        abs(spec.normalize(value) - spec.normalize(neutral[spec.name])) < TOLERANCE
        for spec, value in zip(specs, values, strict=True)
        if spec.name in neutral
    )
