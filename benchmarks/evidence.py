"""Evidence from pairs: which effects of hidden chains it excludes, rightly and wrongly.

    FXCHAIN_DATA=… python benchmarks/evidence.py [--cases 60] [--first 0]

The chains are those of `structure.py`. An effect is excluded where its statement about the pair is
at most `EXCLUDED`; wrongly, where it is in the chain. "Ranked" is the share of pairs of a chain
with the effect and one without in which the first has the higher score (ties count half).
"""

import argparse
import statistics
import time
from collections import defaultdict

from structure_cases import drawn_cases, hidden

from fxchain.data.structures import played
from fxchain.evidence import measure_evidence
from fxchain.preset.effects import effects_of
from fxchain.primitives import REGISTRY
from fxchain.primitives.evidence import EXCLUDED


def main() -> None:
    """Print a line for each chain, then one for each kind of effect."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    scores: dict[tuple[str, bool], list[float]] = defaultdict(list)
    seconds = []
    for case in drawn_cases(options.cases, options.first):
        dry = case.dry()
        chain = hidden(case, dry)
        wet = played(chain, dry.samples, dry.sample_rate)
        began = time.process_time()
        found = measure_evidence(dry.samples, wet, dry.sample_rate)
        seconds.append(time.process_time() - began)
        kinds = [each.effect.primitive.kind for each in effects_of(chain.stage, chain.values)]
        for kind, primitive in REGISTRY.items():
            if primitive.evidence is not None:
                scores[kind, kind in kinds].append(primitive.evidence(found))
        print(
            f"{case.name:<12}linear {found.linear_error:.0e}, odd {found.odd_share:.2f}, even "
            f"{found.even_share:.2f}, memory {found.level_memory:.2f}, echo {found.echo_db:.0f} "
            f"({found.echo_floor_db:.0f}) dB, tail {found.tail_bound_db:.0f} dB: "
            f"{' → '.join(kinds)}",
            flush=True,
        )
    print(f"\n{'kind':<20}{'present':>8}{'excluded':>9}{'median':>8}", end="")
    print(f"{'absent':>8}{'excluded':>9}{'median':>8}{'ranked':>8}")
    for kind in REGISTRY:
        cells = [_cells(scores.get((kind, there), [])) for there in (True, False)]
        print(f"{kind:<20}{''.join(cells)}{_ranked(scores[kind, True], scores[kind, False]):>8}")
    print(f"\ntime: median {statistics.median(seconds):.2f} s, most {max(seconds):.2f} s")


def _ranked(present: list[float], absent: list[float]) -> str:
    """Return the share of pairs that are ranked right."""
    if not present or not absent:
        return "–"
    right = [(one > other) + 0.5 * (one == other) for one in present for other in absent]
    return f"{statistics.fmean(right):.2f}"


def _cells(found: list[float]) -> str:
    """Return how many there are, how many of them are excluded, and their median."""
    excluded = sum(score <= EXCLUDED for score in found)
    median = f"{statistics.median(found):.1f}" if found else "–"
    return f"{len(found):>8}{excluded:>9}{median:>8}"


if __name__ == "__main__":
    main()
