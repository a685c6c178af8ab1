"""The result of a transfer: preset, processed input, and distances to the references."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from fxchain.metrics.loudness import integrated_loudness, loudness_difference
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.session.command_line import file_name
from fxchain.session.result import Match
from fxchain.session.twin_null import twin_null_db
from fxchain.session.versions import versions
from fxchain.transferring.amount import ScaledPreset, with_gain
from fxchain.transferring.amount_macro import with_amount
from fxchain.transferring.command import repeat_command
from fxchain.transferring.content_distance import content_distance
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.fit import FittedStyle, distances, passage_descriptors
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.options import TransferOptions
from fxchain.transferring.passages import loud_passages
from fxchain.transferring.recordings import Recordings
from fxchain.transferring.report_tracks import comparisons_of
from fxchain.transferring.target import as_tensor, targets

#: The entry of a preset's metadata that holds the whole preset, whatever the amount.
KEY = "transfer"


@dataclass(frozen=True, eq=False)
class Style:
    """The style that is applied.

    Attributes:
        whole: the preset at 100 %
        chain: its name
        fitted: the result of the search; None when the preset was given
    """

    whole: Preset
    chain: str
    fitted: FittedStyle | None = None

    @property
    def interrupted(self) -> bool:
        """Tell whether the user stopped its search early."""
        return self.fitted is not None and self.fitted.interrupted


def result(
    recordings: Recordings,
    style: Style,
    part: ScaledPreset,
    options: TransferOptions,
    history: Sequence[dict[str, float | str]] = (),
) -> Match:
    """Render and score a part of a style.

    Args:
        recordings: input and references
        style: the whole
        part: what is applied of it; where the level is not transferred, its gain is adjusted so
            that the input's loudness stays
        options: of the transfer
        history: of the search
    """
    source = recordings.source
    rate = source.sample_rate
    levelled = None if "level" in options.match else partial(_levelled, source.samples, rate)
    if levelled is not None:
        part = levelled(part)
    matched = render(part.preset, source.samples, rate)
    part = with_amount(style.whole, part, options.amount, options.match, levelled)
    preset = replace(part.preset, metadata=_metadata(part.preset, style, options))
    applied = replace(part, preset=preset)
    settings = {
        **options.settings(style.chain),
        "sample_rate": rate,
        "channels": source.channels,
    }
    return Match(
        preset=preset,
        metrics={
            **_figures(recordings, applied, matched, style.fitted),
            "settings": settings,
            "seed": options.seed,
            "command": repeat_command(recordings.files, options),
            "versions": versions(),
        },
        history=list(history),
        settings=settings,
        matched=matched,
        sample_rate=rate,
        interrupted=style.interrupted,
        title=_title(recordings, options),
        comparisons=comparisons_of(recordings, matched),
    )


def _levelled(samples: np.ndarray, sample_rate: int, part: ScaledPreset) -> ScaledPreset:
    """Return a part of a style with a gain by which the input is as loud as before."""
    played = render(part.preset, samples, sample_rate)
    return with_gain(part, loudness_difference(played, samples, sample_rate))


def _figures(
    recordings: Recordings, part: ScaledPreset, matched: np.ndarray, fitted: FittedStyle | None
) -> dict[str, Any]:
    """Return the metrics without settings; those that only pairs have are empty."""
    samples, preset = recordings.source.samples, part.preset
    warnings = [*recordings.warnings, *preset.clamped(recordings.source.sample_rate)]
    warnings += _clipping_warning(matched)
    if fitted is not None and fitted.interrupted:
        warnings.append("stopped early: the best chain found until then")
    return {
        "fitted": None,
        "held_out": None,
        "baselines": {},
        **_distances(recordings, matched),
        "unlikeness": None if fitted is None else fitted.content_distance,
        "loudness_lufs": _levels(recordings, matched),
        "peak_dbfs": {"input": _peak_dbfs(samples), "matched": _peak_dbfs(matched)},
        "knobs": _knobs(part, fitted),
        "redundant": [],
        "latency_samples": 0,
        "polarity": 1,
        "alignment_confidence": None,
        "condition": {},
        "null_depth_db": twin_null_db(preset, samples, matched),
        "without_twin": preset.without_twin(),
        "warnings": warnings,
    }


def whole_of(preset: Preset) -> Preset:
    """Return the whole preset that a preset is a part of; itself where its metadata name none.

    Raises:
        PresetError: the metadata hold no valid preset.
    """
    found = preset.metadata.get(KEY)
    if not isinstance(found, dict) or not isinstance(found.get("whole"), str):
        return replace(preset, metadata={})
    return Preset.from_json(found["whole"], "the preset's whole")


def _title(recordings: Recordings, options: TransferOptions) -> str:
    """Return the title of the report."""
    name, *others = recordings.files
    if not others:
        return f"{name} through {file_name(options.preset, 'a preset')}"
    return f"{name} in the style of {others[0] if len(others) == 1 else f'{len(others)} others'}"


def _metadata(part: Preset, style: Style, options: TransferOptions) -> dict[str, Any]:
    """Return the preset's metadata."""
    return {
        "chain": style.chain,
        "without_twin": part.without_twin(),
        KEY: {
            "amount": options.amount,
            "match": list(options.match),
            "whole": style.whole.to_json(),
        },
    }


def _distances(recordings: Recordings, matched: np.ndarray) -> dict[str, Any]:
    """Return the distances from the references: of the input, of the input at their level, of the
    match."""
    if not recordings.references:
        return {"distances": None}
    rate = recordings.source.sample_rate
    with torch.no_grad():
        whole, references = passage_descriptors(recordings)
        every = targets(LOSSES, whole, whole, references, content_distance(whole, references))
        gain = np.mean(
            [
                loudness_difference(recordings.source.samples, each.samples, rate)
                for each in recordings.references
            ]
        )
        levelled = Descriptors(whole.audio * 10.0 ** (float(gain) / 20.0), rate)
        result = Descriptors(as_tensor(loud_passages(matched, rate)), rate)
        found = {"unprocessed": whole, "level_only": levelled, "matched": result}
        return {"distances": {name: dict(distances(every, it)) for name, it in found.items()}}


def _levels(recordings: Recordings, matched: np.ndarray) -> dict[str, Any]:
    rate = recordings.source.sample_rate
    return {
        "input": integrated_loudness(recordings.source.samples, rate),
        "references": [integrated_loudness(e.samples, rate) for e in recordings.references],
        "matched": integrated_loudness(matched, rate),
    }


def _knobs(part: ScaledPreset, fitted: FittedStyle | None) -> list[dict[str, Any]]:
    """Return the knobs as a match reports them; their uncertainty is not known.

    A knob was searched where it belongs to a free knob of the whole chain.
    """
    preset = part.preset
    free = np.zeros(0, dtype=bool) if fitted is None else fitted.free
    searched = [fitted is not None and at >= 0 and bool(free[at]) for at in part.sources]
    return [
        {
            "path": slot.path,
            "name": slot.name,
            "unit": slot.spec.unit,
            "value": float(value),
            "low": None,
            "high": None,
            "audible": None,
            "fixed": not moved,
        }
        for slot, value, moved in zip(preset.stage.slots(), preset.values, searched, strict=True)
    ]


def _peak_dbfs(samples: np.ndarray) -> float:
    return 20.0 * math.log10(max(float(np.abs(samples).max()), 1e-10))


def _clipping_warning(matched: np.ndarray) -> list[str]:
    """Return a warning where peaks exceed full scale; the level is not changed."""
    peak = _peak_dbfs(matched)
    if peak <= 0.0:
        return []
    return [
        f"peaks reach {peak:+.1f} dBFS; matched.wav holds them, a format of integers would clip "
        "them: lower the last gain"
    ]
