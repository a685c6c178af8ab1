"""What a transfer gives: the preset, the input through it, and how near the references it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from fxchain.matching.command import name_of
from fxchain.metrics.loudness import integrated_loudness, loudness_difference
from fxchain.metrics.scores import null_depth_db
from fxchain.player import Playback
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.session.result import Match
from fxchain.session.versions import versions
from fxchain.transferring.amount import with_gain
from fxchain.transferring.command import repeat_command
from fxchain.transferring.content_distance import content_distance
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.fit import distances, heard
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.options import TransferOptions
from fxchain.transferring.passages import telling_part
from fxchain.transferring.recordings import Recordings
from fxchain.transferring.report_tracks import scenes_of
from fxchain.transferring.target import as_tensor, targets

if TYPE_CHECKING:
    from fxchain.transferring.fit import FittedStyle

#: Where a preset's metadata hold all of it, whatever amount of it the preset does.
KEY = "transfer"
#: The chain in torch is compared with its board over at most so much audio, s.
_NULL_SECONDS = 30.0


@dataclass(frozen=True, eq=False)
class Style:
    """What is taken over.

    Attributes:
        whole: the preset at 100 %
        chain: what the user called it
        fitted: what the search found; None when the preset was given
    """

    whole: Preset
    chain: str
    fitted: "FittedStyle | None" = None


def result(
    recordings: Recordings,
    style: Style,
    some: Preset,
    options: TransferOptions,
    history: Sequence[dict[str, float | str]] = (),
) -> Match:
    """Play and score what is taken over.

    Args:
        recordings: input and references
        style: all of it
        some: as much of it as is taken over
        options: what was asked for
        history: of the search
    """
    source = recordings.source
    rate = source.sample_rate
    matched = render(some, source.samples, rate)
    if "level" not in options.dimensions:
        some = with_gain(some, loudness_difference(matched, source.samples, rate))
        matched = render(some, source.samples, rate)
    preset = replace(some, metadata=_metadata(some, style, options))
    settings = {
        **options.settings(style.chain),
        "sample_rate": rate,
        "channels": source.channels,
    }
    fitted = style.fitted
    stopped = fitted is not None and fitted.interrupted
    early = ["stopped early: the best chain found until then"] if stopped else []
    metrics = {
        "fitted": None,
        "held_out": None,
        "baselines": {},
        **_nearness(recordings, matched),
        "unlikeness": None if fitted is None else fitted.content_distance,
        "loudness_lufs": _levels(recordings, matched),
        "peak_dbfs": {"input": _peak_dbfs(source.samples), "matched": _peak_dbfs(matched)},
        "knobs": _knobs(preset, fitted),
        "redundant": [],
        "latency_samples": 0,
        "polarity": 1,
        "alignment_confidence": None,
        "condition": {},
        "null_depth_db": _twin_null_db(preset, source.samples, matched, rate),
        "without_twin": preset.without_twin(),
        "warnings": [*recordings.warnings, *preset.clamped(rate), *_over(matched), *early],
        "settings": settings,
        "seed": options.seed,
        "command": repeat_command(recordings.files, options),
        "versions": versions(),
    }
    return Match(
        preset=preset,
        metrics=metrics,
        history=list(history),
        settings=settings,
        matched=matched,
        sample_rate=rate,
        interrupted=stopped,
        title=_title(recordings, options),
        scenes=scenes_of(recordings, matched),
    )


def whole_of(preset: Preset) -> Preset:
    """Return all of what a preset was a part of: itself where it says nothing of that.

    Raises:
        PresetError: what it says is no preset.
    """
    found = preset.metadata.get(KEY)
    if not isinstance(found, dict) or not isinstance(found.get("whole"), str):
        return replace(preset, metadata={})
    return Preset.from_json(found["whole"], "the preset's whole")


def _title(recordings: Recordings, options: TransferOptions) -> str:
    """Return what the report is called."""
    name, *others = recordings.files
    if not others:
        return f"{name} through {name_of(options.preset, 'a preset')}"
    return f"{name} in the style of {others[0] if len(others) == 1 else f'{len(others)} others'}"


def _metadata(some: Preset, style: Style, options: TransferOptions) -> dict[str, Any]:
    """Return what the preset says about itself."""
    return {
        "chain": style.chain,
        "without_twin": some.without_twin(),
        KEY: {
            "amount": options.amount,
            "match": list(options.dimensions),
            "whole": style.whole.to_json(),
        },
    }


def _nearness(recordings: Recordings, matched: np.ndarray) -> dict[str, Any]:
    """Return how far input, the input at the references' level, and match are from them."""
    if not recordings.references:
        return {"distances": None}
    rate = recordings.source.sample_rate
    with torch.no_grad():
        whole, references = heard(recordings)
        unlike = content_distance(whole, references)
        every = targets(LOSSES, whole, whole, references, unlike)
        gain = np.mean(
            [
                loudness_difference(recordings.source.samples, each.samples, rate)
                for each in recordings.references
            ]
        )
        levelled = Descriptors(whole.audio * 10.0 ** (float(gain) / 20.0), rate)
        result = Descriptors(as_tensor(telling_part(matched, rate)), rate)
        found = {"unprocessed": whole, "level_only": levelled, "matched": result}
        return {"distances": {name: dict(distances(every, it)) for name, it in found.items()}}


def _levels(recordings: Recordings, matched: np.ndarray) -> dict[str, Any]:
    rate = recordings.source.sample_rate
    return {
        "input": integrated_loudness(recordings.source.samples, rate),
        "references": [integrated_loudness(e.samples, rate) for e in recordings.references],
        "matched": integrated_loudness(matched, rate),
    }


def _knobs(preset: Preset, fitted: "FittedStyle | None") -> list[dict[str, Any]]:
    """Return the knobs as a match reports them; how certain they are is not known."""
    searched = set()
    if fitted is not None:
        slots = fitted.stage.slots()
        searched = {slot.name for slot, free in zip(slots, fitted.free, strict=True) if free}
    return [
        {
            "path": slot.path,
            "name": slot.name,
            "unit": slot.spec.unit,
            "value": float(value),
            "low": None,
            "high": None,
            "audible": None,
            "fixed": slot.name not in searched,
        }
        for slot, value in zip(preset.stage.slots(), preset.values, strict=True)
    ]


def _twin_null_db(preset: Preset, samples: np.ndarray, matched: np.ndarray, rate: int) -> float:
    """Return how deep the chain in torch nulls with the exported board, dB."""
    end = round(_NULL_SECONDS * rate)
    with torch.no_grad():
        played = preset.stage.process(
            as_tensor(samples[:, :end])[None],
            Playback(rate),
            torch.from_numpy(np.array(preset.values))[None],
        )
    return null_depth_db(matched[:, :end], played[0].numpy())


def _peak_dbfs(samples: np.ndarray) -> float:
    return 20.0 * math.log10(max(float(np.abs(samples).max()), 1e-10))


def _over(matched: np.ndarray) -> list[str]:
    """Say when a peak is above full scale; nothing is turned down behind the user's back."""
    peak = _peak_dbfs(matched)
    if peak <= 0.0:
        return []
    return [
        f"peaks reach {peak:+.1f} dBFS; matched.wav holds them, a format of integers would clip "
        "them: lower the last gain"
    ]
