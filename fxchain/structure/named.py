"""The chains that can be matched: by name, from a file, or from a preset."""

from pathlib import Path
from typing import Any

import numpy as np

from fxchain.errors import MatchError
from fxchain.preset import Preset, load_chain, parse_chain
from fxchain.primitives import REGISTRY, generalizations, get_primitive
from fxchain.structure.candidate import Candidate
from fxchain.structure.edits import with_exchanged
from fxchain.structure.template import Template

Node = dict[str, Any]


def _effect(kind: str, **parameters: float) -> Node:
    return {"primitive": kind, "parameters": parameters}


def _band(kind: str, cutoff_frequency_hz: float) -> Node:
    return _effect(kind, cutoff_frequency_hz=cutoff_frequency_hz, gain_db=0.0, q=0.7)


def _equalizer(*peaks_hz: float) -> list[Node]:
    """Return shelves at 100 Hz and 6 kHz with peaks between them, all flat."""
    peaks = [_band("peak_filter", hz) for hz in peaks_hz]
    return [_band("low_shelf_filter", 100.0), *peaks, _band("high_shelf_filter", 6_000.0)]


#: More bands than most devices need: a descent then finds its way, and fewer filters follow.
_EIGHT_PEAKS_HZ = (80.0, 160.0, 320.0, 640.0, 1_280.0, 2_560.0, 5_000.0, 9_000.0)

_EQ = _equalizer(*_EIGHT_PEAKS_HZ)
_DRIVE: Node = {
    "mix": [
        {"weight": 0.5, "chain": []},
        {"weight": 0.5, "chain": [_effect("distortion", drive_db=3.0)]},
    ]
}


def _driven(weight: float, drive_db: float, low_hz: float, high_hz: float) -> Node:
    """Return a branch with filters of its own before and behind a waveshaper.

    It begins without a bias: a descent that begins with one ends further up, most of all where
    several drives follow each other.
    """
    stages = [
        _effect("highpass_filter", cutoff_frequency_hz=low_hz),
        _band("peak_filter", 800.0),
        _effect("waveshaper", drive_db=drive_db, bias=0.0),
        _band("peak_filter", 2_000.0),
        _effect("lowpass_filter", cutoff_frequency_hz=high_hz),
    ]
    return {"weight": weight, "chain": stages}


#: For amplifiers and pedals whose branches are filtered each for itself.
_DRIVES: Node = {
    "mix": [
        {"weight": 0.4, "chain": []},
        _driven(0.3, 6.0, 60.0, 16_000.0),
        _driven(0.3, 18.0, 200.0, 8_000.0),
    ]
}
#: What stands behind them in an amplifier.
_POWER: Node = {"mix": [{"weight": 0.5, "chain": []}, _driven(0.5, 9.0, 60.0, 12_000.0)]}
#: Filters between one drive and the next.
_BETWEEN = _equalizer(200.0, 800.0, 2_500.0)
_COMPRESSOR = _effect("compressor", threshold_db=-18.0, ratio=2.0, attack_ms=8.0, release_ms=120.0)
_GAIN = _effect("gain", gain_db=0.0)
_DELAY = _effect("delay", delay_seconds=0.3, feedback=0.3, mix=0.25)
_REVERB = _effect("reverb", room_size=0.5, damping=0.5, wet_level=0.25, dry_level=0.4, width=1.0)
_LOWEST = _effect("highpass_filter", cutoff_frequency_hz=25.0)
_HIGHEST = _effect("lowpass_filter", cutoff_frequency_hz=18_000.0)

_NAMED: dict[str, list[Node]] = {
    "default": [*_EQ, _DRIVE, *_EQ, _COMPRESSOR, _GAIN, _DELAY, _REVERB],
    "eq": [_LOWEST, *_EQ, _HIGHEST, _GAIN],
    "dynamics": [*_EQ, _COMPRESSOR, _GAIN],
    "drive": [*_EQ, _DRIVE, *_EQ, _GAIN],
    "compressor-first": [*_EQ, _COMPRESSOR, *_EQ, _DRIVE, _GAIN, _DELAY, _REVERB],
    "amp": [*_EQ, _DRIVES, *_BETWEEN, _COMPRESSOR, _POWER, *_EQ, _GAIN],
    "space": [*_EQ, _GAIN, _DELAY, _REVERB],
}
#: Behind these a response may be measured.
_MAY_BE_MEASURED = frozenset({"default", "compressor-first", "drive", "amp", "space"})
#: Beside this chain others are grown of effects of any purpose.
_ANYTHING = "default"

#: The chains that have a name.
NAMES = tuple(_NAMED)
#: Former names, kept for one version.
_ALIASES = {"squeezed": "compressor-first"}


def named_chain(name: str, only_pedalboard: bool = False, response: bool = True) -> Template:
    """Return the chain of that name, everything free, at moderate settings.

    Other chains may be found instead of it, of effects with the same purposes.

    Args:
        name: one of `NAMES`
        only_pedalboard: keep to stages that pedalboard has
        response: a measured impulse response or periodic filter may follow the chain, or a
            recurrent cell take its place

    Raises:
        MatchError: there is none.
    """
    if name not in _NAMED:
        raise MatchError(f"there is no chain {name!r}; there are {', '.join(NAMES)}")
    stage, values, _ = parse_chain({"chain": _NAMED[name]}, f"the chain {name!r}")
    found = Candidate(stage, values, np.ones(stage.size, dtype=bool))
    if only_pedalboard:
        found = _straight(found)
    purposes = {slot.purpose for slot in stage.slots()}
    return Template(
        name,
        found.stage,
        found.values,
        found.free,
        response=response and name in _MAY_BE_MEASURED,
        periodic=response and name == _ANYTHING and not only_pedalboard,
        moving=tuple(
            kind
            for kind, primitive in REGISTRY.items()
            if primitive.moving_starts is not None and name == _ANYTHING and not only_pedalboard
        ),
        cell=response and "drive" in purposes and not only_pedalboard,
        grows=tuple(
            kind
            for kind in growing_kinds(only_pedalboard)
            if name == _ANYTHING or get_primitive(kind).purpose in purposes
        ),
    )


def growing_kinds(only_pedalboard: bool = False) -> tuple[str, ...]:
    """Return the kinds of effects that a chain can be grown of.

    Those with controls that second-order steps move, all of them, and with nothing to be measured
    beforehand; not gains, which every chain has where it needs them.
    """
    return tuple(
        kind
        for kind, primitive in REGISTRY.items()
        if primitive.parameters
        and not primitive.assets
        and not any(spec.choices for spec in primitive.parameters)
        and primitive.gradient != "none"
        and primitive.nature in ("memoryless", "filter", "dynamic")
        and primitive.purpose != "level"
        and (primitive.in_pedalboard or not only_pedalboard)
    )


def _straight(candidate: Candidate) -> Candidate:
    """Return the chain with distortions for biased waveshapers, which pedalboard has not."""
    simpler = {more.kind: get_primitive(kind) for kind, more in generalizations().items()}
    return with_exchanged(candidate.stage, simpler).of(candidate)


def chain_from_file(path: str | Path) -> Template:
    """Return the chain that a file describes: what it leaves out is free, the rest is fixed.

    Raises:
        PresetError: naming file, stage and parameter.
    """
    stage, values, free = load_chain(path)
    return Template(Path(path).name, stage, values, free)


def from_preset(preset: Preset, name: str) -> Template:
    """Return a preset's chain, everything free and starting at its values."""
    free = np.ones(preset.stage.size, dtype=bool)
    return Template(name, preset.stage, np.array(preset.values), free, started=True)


def choose(
    chain: str | Path, start: Preset | None, only_pedalboard: bool, response: bool = True
) -> Template:
    """Return the chain a user asked for.

    Args:
        chain: one of `NAMES`, or a file that describes a chain
        start: a preset to start from; it brings its own chain
        only_pedalboard: keep to stages that pedalboard has
        response: a measured impulse response may follow a chain that has a name

    Raises:
        MatchError: the chain is neither a name nor a file.
        PresetError: the file is no chain.
    """
    name = _ALIASES.get(str(chain), str(chain))
    if start is not None:
        return from_preset(start, "start")
    if name in _NAMED:
        return named_chain(name, only_pedalboard, response)
    if not Path(chain).exists():
        raise MatchError(
            f"{name}: neither a chain's name ({', '.join(NAMES)}) nor a file that describes one"
        )
    return chain_from_file(chain)
