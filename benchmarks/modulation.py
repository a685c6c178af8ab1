"""Recorded effects that move by themselves: flangers, phasers, choruses, rotary speakers, tapes.

    FXCHAIN_DATA=… python benchmarks/modulation.py [--seconds 60] [--only modfx] [--cases 100]
        [--threads 2] [--fresh]

Every pair of these categories is matched with the default chain. Printed is the ESR of the whole
recording and of the part that was held out, of the match and of the best linear filter for the
latter, the published ESRs of gray boxes of those devices, and the rate of the effect that moves.

Where a device was recorded more than once at the same settings, the preset of one clip is played
on the others, with nothing but rate and phase found anew there (`render --align-to`): `other` is
the ESR of the whole of them, at the level of the preset.

A tape is matched with `correct_flutter=True`: its lag that wanders is measured in the whole
recording, as its latency is, and taken out of the wet, of which `held out` is then an ESR. The best
linear filter beside it is that of the wet as it was recorded, aligned by one latency, which is what
there is without the correction; of the goal, a quarter of its error, the last line tells.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from devices import recordings
from other_clip import other_clips
from recorded import Recorded
from recorded_pairs import Pair, data_folder, read_pairs

from fxchain import FxchainError, match
from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.baselines.linear import best_linear_filter
from fxchain.files.audio_input import Audio
from fxchain.metrics.scores import esr
from fxchain.oscillator_alignment.align_oscillators import align_oscillators
from fxchain.oscillator_alignment.oscillators import oscillators
from fxchain.preset import Preset
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.pair import comparable
from fxchain.render import render

TAPE = "tape (saturation + wow/flutter)"
CATEGORIES = ("flanger", "phaser", "chorus", "rotary", TAPE)
#: Shares that count, of the whole recording and of what was held out; of a tape, of the error of
#: the linear filter.
WHOLE, HELD_OUT, OF_LINEAR = 0.01, 0.035, 0.25
#: ESR of the whole recording and of its last fifth, of the best variant of the gray boxes that were
#: published with these recordings.
PUBLISHED = {
    "modfx-BF-2-A-c0": (0.112, 0.161),
    "modfx-BF-2-A-c1": (0.080, 0.024),
    "modfx-SS-A-c0": (0.137, 0.63),
    "modfx-SS-A-c1": (0.027, 0.36),
    "modfx-SS-B-c0": (0.039, 0.12),
    "modfx-SS-B-c1": (0.0095, 0.030),
    "modfx-SV-1-A-c0": (0.0195, 0.0006),
    "modfx-SV-1-A-c1": (0.0018, 0.0088),
    "modfx-SV-1-D-c0": (0.128, 0.17),
    "modfx-SV-1-D-c1": (0.0103, 0.59),
}
#: Raised when rows get other figures.
VERSION = 3


def main() -> None:
    """Print a row for each pair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each match")
    parser.add_argument("--only", default="", help="pairs whose id begins with this")
    parser.add_argument("--cases", type=int, default=1000, help="only the first so many pairs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--label", default="", help="of the stored rows")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {key: getattr(options, key) for key in ("seconds", "threads", "label")}
    recorded = Recorded("modulation", {**settings, "version": VERSION}, options.fresh)
    everything = read_pairs(data_folder())
    pairs = [
        pair
        for pair in everything
        if pair.category in CATEGORIES and pair.id.startswith(options.only)
    ][: options.cases]
    print(
        f"{'pair':<34}{'whole':>9}{'published':>10}{'held out':>10}{'published':>10}{'linear':>9}"
        f"{'other':>9}{'rate, Hz':>10}{'s':>6}  moves by"
    )
    rows = []
    for pair in pairs:
        others = other_clips(pair, everything)
        of_pair = _tape if pair.category == TAPE else _matched
        measured = partial(of_pair, pair, others, options.seconds, options.threads)
        rows.append(recorded.row(pair.id, measured))
        print(_line(rows[-1]), flush=True)
    tapes = [row for row, pair in zip(rows, pairs, strict=True) if pair.category == TAPE]
    moving = [row for row in rows if row not in tapes]
    print(*(_summary(moving) if moving else []), *(_of_tapes(tapes) if tapes else []), sep="\n")


def _line(row: dict[str, Any]) -> str:
    """Return the row of a pair."""
    whole, held_out = PUBLISHED.get(row["case"], (None, None))
    figures = [(row["whole"], 9), (whole, 10), (row["held_out"], 10), (held_out, 10)]
    figures += [(row["linear"], 9), (_mean_other(row), 9)]
    cells = "".join(f"{'–' if v is None else f'{v:.2g}':>{width}}" for v, width in figures)
    rate = "–" if row["rate_hz"] is None else f"{row['rate_hz']:.3f}"
    moves = ", ".join(row["moving"]) or "nothing"
    return f"{row['case']:<34}{cells}{rate:>10}{row['seconds']:>6.0f}  {moves}"


def _mean_other(row: dict[str, Any]) -> float | None:
    errors = [other["esr"] for other in row["others"] if "esr" in other]
    return statistics.fmean(errors) if errors else None


def _summary(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return how many are near enough, and how many nearer than what was published."""
    lines = []
    for at, (name, bound) in enumerate((("whole", WHOLE), ("held_out", HELD_OUT))):
        values = [row[name] for row in rows]
        fewer = sum(value <= bound for value in values)
        line = f"{name}: {fewer} of {len(values)} at most {bound:g}"
        known = [row for row in rows if row["case"] in PUBLISHED]
        if known:
            nearer = sum(row[name] < PUBLISHED[row["case"]][at] for row in known)
            line += f", nearer than published on {nearer} of {len(known)}"
        lines.append(f"{line}, median {statistics.median(values):.2g}")
    return lines


def _of_tapes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return how many tapes are near enough."""
    fewer = sum(row["held_out"] <= OF_LINEAR * row["linear"] for row in rows)
    return [f"tape: {fewer} of {len(rows)} at most {OF_LINEAR:g} of the linear filter's error"]


def _tape(pair: Pair, others: Sequence[Pair], seconds: float, threads: int) -> dict[str, Any]:
    """Return the figures of a tape; on another recording another lag wanders."""
    dry, wet = recordings(pair)
    begun = time.monotonic()
    found = match(
        dry.samples,
        wet.samples,
        dry.sample_rate,
        seconds=seconds,
        threads=threads,
        correct_flutter=True,
    )
    return {
        "whole": None,
        "held_out": found.metrics["held_out"]["esr"],
        "linear": _linear_as_recorded(dry, wet),
        "rate_hz": None,
        "moving": ["its lag" if found.metrics["flutter"] else "nothing that was corrected"],
        "latency_samples": found.metrics["latency_samples"],
        "seconds": time.monotonic() - begun,
        "others": [],
    }


def _linear_as_recorded(dry: Audio, wet: Audio) -> float:
    """Return the ESR of the best linear filter on what is held out of a wet as it was recorded."""
    pair = align_pair(comparable(dry, wet))
    problem, part = pair.problem, slice(*(pair.held_out or pair.fitted))
    filtered = best_linear_filter(problem.dry, problem.wet, first_valid=problem.first_valid)
    return esr(pair.wet[:, part], filtered(pair.dry)[:, part])


def _matched(pair: Pair, others: Sequence[Pair], seconds: float, threads: int) -> dict[str, Any]:
    """Return the figures of one match."""
    dry, wet = recordings(pair)
    begun = time.monotonic()
    found = match(dry.samples, wet.samples, dry.sample_rate, seconds=seconds, threads=threads)
    taken = time.monotonic() - begun
    moving = oscillators(found.preset.stage)
    rates = [float(found.preset.values[each.rate]) for each in moving if each.rate is not None]
    held_out = found.metrics["held_out"] or found.metrics["fitted"]
    linear = found.metrics["baselines"]["best_linear_filter"]
    return {
        "whole": _whole(wet.samples, found.matched, found.metrics["latency_samples"]),
        "held_out": held_out["esr"],
        "linear": (linear["held_out"] or linear["fitted"])["esr"],
        "rate_hz": rates[0] if rates else None,
        "moving": list({each.path: each.kind for each in moving}.values()),
        "latency_samples": found.metrics["latency_samples"],
        "seconds": taken,
        "others": [_on_other(found.preset, other) for other in others] if moving else [],
    }


def _whole(wet: np.ndarray, made: np.ndarray, latency_samples: float) -> float:
    """Return the ESR of all that both have of a wet, (channels, samples)."""
    length = min(made.shape[1], wet.shape[1])
    there = AlignedAudio(made[:, :length], wet[:, :length], 0).shifted(latency_samples)
    span = slice(there.first_valid, None)
    return esr(there.wet[:, span], there.dry[:, span])


def _on_other(preset: Preset, pair: Pair) -> dict[str, Any]:
    """Return the figures of a preset on another clip, rate and phase found anew."""
    dry, wet = recordings(pair)
    try:
        found = align_oscillators(preset, dry.samples, wet.samples, dry.sample_rate)
    except FxchainError as error:
        return {"id": pair.id, "error": str(error)}
    made = render(found.preset, dry.samples, dry.sample_rate)
    return {
        "id": pair.id,
        "esr": _whole(wet.samples, made, found.latency_samples),
        "rates_hz": [each.rate_hz for each in found.heard],
        "latency_samples": found.latency_samples,
    }


if __name__ == "__main__":
    main()
