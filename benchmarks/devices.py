"""Recordings of real devices matched, beside the baselines.

    FXCHAIN_DATA=… python benchmarks/devices.py [--cases 42] [--seconds 60] [--steady] [--fresh]

Every dry/wet pair of the manifest is matched with the default chain; with `--steady` without
the time-varying effects: chorus, flanger, phaser, rotary and tape. The latency is the aligner's;
the manifest's stands beside it. At the end of a row stand the knobs that were fitted and the boxes
of the chain.

Where a device was recorded more than once at the same settings, the chain found on one clip is
also scored on the whole of the others (`other`), beside the best linear filter of the one clip
(the `linear` next to it); both with one gain of their own there: see `other_clip.py`.
"""

import argparse
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from by_category import is_steady, print_by_category
from other_clip import Recordings, mean_esr, other_clips, score_others
from recorded import Recorded
from recorded_pairs import Pair, data_folder, read_pairs
from structure_scores import form

from fxchain import FxchainError, match
from fxchain.files.audio_input import Audio, read_audio, resample, to_channels
from fxchain.structure.boxes import boxes

Row = dict[str, Any]

_PARTS = ("fitted", "held_out")
_BASELINES = ("unprocessed", "best_gain", "best_linear_filter")
_JUDGED = {"ESR": "esr", "MR-STFT": "mr_stft"}
_PRINTED = {**_JUDGED, "loudness error, dB": "loudness_error_db"}


def main() -> None:
    """Print a row for each pair, then a table by device."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000, help="only the first so many pairs")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="only pairs whose name holds this")
    parser.add_argument("--steady", action="store_true", help="only time-invariant effects")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "seconds": options.seconds,
        "threads": options.threads,
        "chain": "default",
        "seed": 0,
        "other": "one gain",
        "rows": 2,
    }
    print("real devices:", *(f"{key}={value}" for key, value in settings.items()))
    recorded = Recorded("devices", settings, options.fresh)
    everything = read_pairs(data_folder())
    pairs = [
        pair
        for pair in everything
        if options.only in pair.id and (is_steady(pair.category) or not options.steady)
    ]
    print(
        f"{'pair':<34}{'fitted':>9}{'linear':>9}{'held out':>10}{'linear':>9}"
        f"{'other':>9}{'linear':>9}{'latency':>9}{'manifest':>12}{'pol':>5}{'conf':>6}{'knobs':>7}"
        "  chain"
    )
    rows = []
    for pair in pairs[: options.cases]:
        row = recorded.row(pair.id, _measurement(pair, other_clips(pair, everything), options))
        print(_line(row), flush=True)
        rows.append(row)
    good = [row for row in rows if "error" not in row]
    if good:
        _print_by_device(good)
        print_by_category(good)
    _print_wins_and_losses(good, failed=[row for row in rows if "error" in row])


def _measurement(
    pair: Pair, others: Sequence[Pair], options: argparse.Namespace
) -> Callable[[], Row]:
    return lambda: measure(pair, others, options.seconds, options.threads)


def measure(pair: Pair, others: Sequence[Pair], seconds: float, threads: int) -> Row:
    """Match one pair and return its figures, also those on other clips of its device."""
    about = {
        "device": pair.device,
        "category": pair.category,
        "kind": pair.kind,
        "direct_lag_samples": pair.direct_lag_samples,
        "lag_tolerance": pair.lag_tolerance,
    }
    try:
        dry, wet = recordings(pair)
        found = match(dry.samples, wet.samples, dry.sample_rate, seconds=seconds, threads=threads)
        on_others = score_others(found, (dry, wet), others, recordings)
    except FxchainError as error:
        return {**about, "error": str(error)}
    metrics = found.metrics
    return {
        **about,
        **{name: metrics[name] for name in (*_PARTS, "baselines", "warnings", "without_twin")},
        "others": on_others,
        "knobs": sum(not knob["fixed"] for knob in metrics["knobs"]),
        "structure": form(boxes(found.preset.stage, found.preset.values)),
        "latency_samples": metrics["latency_samples"],
        "polarity": metrics["polarity"],
        "confidence": metrics["alignment_confidence"],
        "null_depth_db": metrics["null_depth_db"],
        "last_step_seconds": found.history[-1]["seconds"] if found.history else 0.0,
    }


def recordings(pair: Pair) -> Recordings:
    """Read the dry and the wet of a pair, at the dry's sample rate."""
    dry = chosen_channel(read_audio(pair.dry), pair.dry_channel)
    return dry, resample(read_audio(pair.wet), dry.sample_rate)


def chosen_channel(audio: Audio, channel: int | None) -> Audio:
    """Return the channel of the manifest, or a mono mix where it names none."""
    if channel is None:
        return to_channels(audio, 1)
    return Audio(audio.samples[channel : channel + 1], audio.sample_rate, audio.name)


def _line(row: Row) -> str:
    if "error" in row:
        return f"{row['case']:<34}{row['error']}"
    linear = row["baselines"]["best_linear_filter"]
    figures = [(row["fitted"], 9), (linear["fitted"], 9), (row["held_out"], 10)]
    esrs = "".join(_esr(part, width) for part, width in [*figures, (linear["held_out"], 9)])
    esrs += "".join(_number(mean_esr(row, name), 9) for name in ("match", "linear"))
    sign = "+" if row["polarity"] > 0 else "-"
    return (
        f"{row['case']:<34}{esrs}{row['latency_samples']:>9g}{_manifest(row):>12}{sign:>5}"
        f"{row['confidence']:>6.2f}{row['knobs']:>7d}  {row['structure']}"
    )


def _esr(figures: dict[str, float] | None, width: int) -> str:
    return _number(None if figures is None else figures["esr"], width)


def _number(value: float | None, width: int) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:>{width}.4f}"


def _manifest(row: Row) -> str:
    """Return the manifest's latency, marked ok where the aligner's is within its tolerance."""
    if row["direct_lag_samples"] is None:
        return "open"
    return f"{row['direct_lag_samples']} {'ok' if _aligned(row) else 'WRONG'}"


def _aligned(row: Row) -> bool:
    distance = abs(row["latency_samples"] - row["direct_lag_samples"])
    return bool(distance <= row["lag_tolerance"])


def _print_by_device(rows: list[Row]) -> None:
    """Print the mean figures of each device's pairs, on both parts, beside the baselines."""
    for name, metric in _PRINTED.items():
        for part in _PARTS:
            _print_means(rows, part, name, metric)


def _print_means(rows: list[Row], part: str, title: str, metric: str) -> None:
    """Print one figure's means, of its magnitude, for one part."""
    print(f"\n{title}, {part.replace('_', ' ')}, mean over a device's pairs")
    heads = "".join(f"{name.replace('_', ' '):>20}" for name in _BASELINES)
    print(f"{'device':<34}{'pairs':>6}{'match':>10}{heads}")
    for device in dict.fromkeys(row["device"] for row in rows):
        own = [row for row in rows if row["device"] == device and row[part]]
        if not own:
            continue
        cells = [statistics.fmean(abs(row[part][metric]) for row in own)]
        cells += [
            statistics.fmean(abs(row["baselines"][name][part][metric]) for row in own)
            for name in _BASELINES
        ]
        best = "  loses" if cells[0] > min(cells[1:]) else ""
        others = "".join(f"{cell:>20.4f}" for cell in cells[1:])
        print(f"{device[:33]:<34}{len(own):>6}{cells[0]:>10.4f}{others}{best}")


def _print_wins_and_losses(rows: list[Row], failed: list[Row]) -> None:
    """Print the pairs on which the match is better than every baseline, worse, or failed."""
    for name, metric in _JUDGED.items():
        for part in _PARTS:
            judged = [row for row in rows if row[part]]
            lost = [
                row["case"]
                for row in judged
                if _best_baseline(row, part, metric) <= row[part][metric]
            ]
            print(f"\n{name}, {part.replace('_', ' ')}: better than every baseline in ", end="")
            print(f"{len(judged) - len(lost)} of {len(judged)} pairs")
            if lost:
                print(f"  loses on: {', '.join(lost)}")
    known = [row for row in rows if row["direct_lag_samples"] is not None]
    print(f"\nlatency within the manifest's tolerance: {sum(map(_aligned, known))} of {len(known)}")
    if rows:
        ends = [row["last_step_seconds"] for row in rows]
        limit = rows[0]["settings"]["seconds"]
        print(f"last step after {min(ends):.1f} to {max(ends):.1f} s of {limit:g}")
    print(f"failed: {', '.join(row['case'] for row in failed) or 'none'}")


def _best_baseline(row: Row, part: str, metric: str) -> float:
    return min(float(row["baselines"][name][part][metric]) for name in _BASELINES)


if __name__ == "__main__":
    main()
