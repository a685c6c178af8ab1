"""Style transfer from unpaired recordings to a known truth.

    FXCHAIN_DATA=… python benchmarks/transfer.py [--cases 60] [--seconds 20] [--seed 0]
                                                 [--ceilings 10] [--fresh]

After DeepAFx-ST's protocol: two clips of at most 8 s, each at a peak of −12 dBFS, are processed by
the same hidden random chain; the system gets the first one raw and the second one processed,
and is scored against the first one processed. The second clip is another section of the same
recording, another recording of the same kind of source, or of another kind; the hidden chains are
EQ and compressor, EQ, drive and compressor, and the same with reverb, each with a gain, with values
in `fxchain.data.presets.HIDDEN_RANGES`. Relations and chains rotate.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from recorded import Recorded
from transfer_cases import RELATIONS, Case, make_case
from transfer_scores import METRICS, baselines, ceiling, scores

from fxchain import transfer
from fxchain.data.presets import HIDDEN_STREAM
from fxchain.metrics.scores import null_depth_db

OURS, CEILING = "fxchain", "ceiling"
METHODS = ("unprocessed", "level only", "spectrum", "matchering", OURS)
#: Goals of the median MR-STFT over unprocessed, by relation, and of its maximum.
GOALS = {"section": 0.40, "kin": 0.60}
WORST = 1.1
#: Goal of the change of a recording that is its own reference, dB.
NEUTRAL_DB = -40.0

Row = dict[str, Any]


def main() -> None:
    """Print a row for each case, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ceilings", type=int, default=10)
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    settings = {
        "seconds": options.seconds,
        "threads": options.threads,
        "seed": options.seed,
        "hidden_stream": HIDDEN_STREAM,
    }
    print("transfer of style:", *(f"{key}={value}" for key, value in settings.items()))
    recorded = Recorded("transfer", settings, options.fresh)
    print(f"MR-STFT of unprocessed, then over unprocessed\n{'case':<46}{'unproc.':>9}", end="")
    print("".join(f"{name:>12}" for name in METHODS[1:]), f"{'unlike':>8}{'self, dB':>10}")
    rows = []
    for number in range(options.cases):
        case = make_case(number, options.seed)
        row = recorded.row(case.name, lambda case=case: measure(case, options))  # type: ignore[misc]
        print(_line(row), flush=True)
        rows.append(row)
    _print_summary(rows)
    if options.ceilings:
        _print_ceilings(options, settings)


def measure(case: Case, options: argparse.Namespace) -> Row:
    """Return the scores of every method on a case."""
    rate, truth = case.raw.sample_rate, case.truth.samples
    began = time.monotonic()
    found = transfer(
        case.raw.samples,
        _at_rate(case),
        sample_rate=rate,
        seconds=options.seconds,
        threads=options.threads,
    )
    seconds = time.monotonic() - began
    itself = transfer(
        case.raw.samples,
        case.raw.samples,
        sample_rate=rate,
        iterations=20,
        threads=options.threads,
    )
    estimates = {**baselines(case), OURS: found.matched}
    return {
        "relation": case.relation,
        "chain": case.chain,
        "scores": {name: scores(truth, each, rate) for name, each in estimates.items()},
        "unlikeness": found.metrics["unlikeness"],
        "self_null_db": null_depth_db(case.raw.samples, itself.matched),
        "whole_seconds": seconds,
        "steps": len(found.history),
    }


def _at_rate(case: Case) -> np.ndarray:
    """Return the reference at the sample rate of the raw clip."""
    from fxchain.files.audio_input import resample

    return resample(case.reference, case.raw.sample_rate).samples


def over_unprocessed(row: Row, method: str, metric: str = "mr_stft") -> float:
    """Return a metric of a method over that of the unprocessed clip."""
    return float(row["scores"][method][metric] / max(row["scores"]["unprocessed"][metric], 1e-9))


def _line(row: Row) -> str:
    ratios = "".join(f"{over_unprocessed(row, name):>12.2f}" for name in METHODS[1:])
    return (
        f"{row['case']:<46}{row['scores']['unprocessed']['mr_stft']:>9.2f}{ratios}"
        f"{row['unlikeness']:>9.2f}{row['self_null_db']:>10.0f}"
    )


def _print_summary(rows: Sequence[Row]) -> None:
    """Print the medians by relation and metric, and the share of cases better than matchering."""
    for relation in RELATIONS:
        chosen = [row for row in rows if row["relation"] == relation]
        if not chosen:
            continue
        print(f"\n{relation}, {len(chosen)} cases: MR-STFT over unprocessed, median (worst)")
        for name in METHODS[1:]:
            ratios = [over_unprocessed(row, name) for row in chosen]
            print(f"  {name:<12}{statistics.median(ratios):>8.3f} ({max(ratios):.2f})")
        print(f"  goal: {_goal(relation)}")
    print(f"\nmean over {len(rows)} cases\n  {'':<12}" + "".join(f"{m:>13}" for m in METRICS))
    for name in METHODS:
        means = [
            statistics.fmean(row["scores"][name][metric] for row in rows) for metric in METRICS
        ]
        print(f"  {name:<12}" + "".join(f"{mean:>13.3f}" for mean in means))
    better = [
        row["scores"][OURS]["mr_stft"] < row["scores"]["matchering"]["mr_stft"] for row in rows
    ]
    worst = max(row["self_null_db"] for row in rows)
    print(f"better than matchering in {np.mean(better):.0%} (goal 90 %) by MR-STFT")
    print(f"as its own reference: changed by {worst:.0f} dB at most (goal {NEUTRAL_DB:g} dB)")


def _goal(relation: str) -> str:
    if relation in GOALS:
        return f"median at most {GOALS[relation]:g}"
    return f"median below level only, none above {WORST:g}"


def _print_ceilings(options: argparse.Namespace, settings: Row) -> None:
    """Print the result of the same chain fitted to the truth itself."""
    recorded = Recorded("transfer-ceiling", settings, options.fresh)
    print("\nceiling: the same chain fitted with the truth in hand, MR-STFT over unprocessed")
    ratios = []
    for number in range(min(options.ceilings, options.cases)):
        case = make_case(number, options.seed)

        def fitted(case: Case = case) -> Row:
            rate, truth = case.raw.sample_rate, case.truth.samples
            estimates = {"unprocessed": case.raw.samples, CEILING: ceiling(case, options.seconds)}
            return {"scores": {name: scores(truth, e, rate) for name, e in estimates.items()}}

        row = recorded.row(case.name, fitted)
        ratios.append(over_unprocessed(row, CEILING))
        print(f"{row['case']:<46}{ratios[-1]:>8.3f}", flush=True)
    print(f"median {statistics.median(ratios):.3f} of {len(ratios)}")


if __name__ == "__main__":
    main()
