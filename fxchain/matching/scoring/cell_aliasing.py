"""What a trained stage aliases, beside the chain of knobs in whose place it stands."""

from typing import Any

import numpy as np

from fxchain.metrics.aliasing import SINE_HZ, aliasing_db
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.render import render
from fxchain.session.front import Front


def measure_aliasing(
    preset: Preset, front: Front | None, dry: np.ndarray, sample_rate: int
) -> dict[str, Any] | None:
    """Return figures on a sine at the level of a recording; None where no stage was trained.

    Args:
        preset: what a match found
        front: simpler and more accurate chains
        dry: (channels, samples)
        sample_rate: Hz

    Returns:
        `sine_hz`, `level_db`, `match_db`, and `knobs_db`: of the most accurate chain of knobs
        alone, None where there is none
    """
    if not _is_trained(preset):
        return None
    level = float(np.sqrt(np.mean(np.square(dry, dtype=np.float64))))
    knobs = [each.preset for each in front.chains] if front else []
    knobs = [each for each in knobs if not _has_assets(each)]
    return {
        "sine_hz": SINE_HZ,
        "level_db": 20.0 * float(np.log10(max(level, 1e-10))),
        "match_db": _aliased(preset, sample_rate, level, len(dry)),
        "knobs_db": _aliased(knobs[-1], sample_rate, level, len(dry)) if knobs else None,
    }


def aliasing_sentences(figures: dict[str, Any] | None) -> list[str]:
    """Say it to a user, if there is anything to be said."""
    if figures is None:
        return []
    beside = ""
    if figures["knobs_db"] is not None:
        beside = f"; of what the chain of knobs gives out, {figures['knobs_db']:.0f} dB"
    return [
        f"aliasing: of what the trained network gives out for a sine of {figures['sine_hz']:g} Hz "
        f"at the level of the recording, {figures['match_db']:.0f} dB lie beside its "
        f"harmonics{beside}"
    ]


def _aliased(preset: Preset, sample_rate: int, level: float, channels: int) -> float:
    return aliasing_db(
        lambda audio: render(preset, audio, sample_rate), sample_rate, level, channels
    )


def _is_trained(preset: Preset) -> bool:
    """Tell whether a stage that was measured is neither a filter nor moves by itself."""
    return any(
        each.effect.assets and each.effect.primitive.nature == "dynamic"
        for each in effects_of(preset.stage, preset.values)
    )


def _has_assets(preset: Preset) -> bool:
    return any(each.effect.assets for each in effects_of(preset.stage, preset.values))
