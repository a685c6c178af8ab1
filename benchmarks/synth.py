"""Are hidden synthesizer patches found? Beside CMA-ES, Adam, random draws and a sampler.

    python benchmarks/synth.py [free] [--cases 40] [--first 0] [--seconds 30]
        [--methods match,cma,…] [--label TEXT] [--fresh]

free: sources run freely, each begins each note at another phase. Three notes are heard, four others
judge. Hidden patches and searches draw from separate streams of random numbers. Every method has
the same seconds of one processor and the same notes. Knob error: mean distance in the unit cube
over the audible knobs. ESR: error-to-signal ratio on the judging notes, both without their noise,
of which another draw cannot be subtracted, and beginning with their notes. MSS: mel-spectral
distance on the judging notes; floor: that of the hidden patch with another draw of its noise.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from knob_distance import largest, mean_distance
from method_rows import rows_of_methods
from note_draws import sampled
from synth_cases import SAMPLE_RATE, FreeCase, SynthCase

from fxchain.optim.budget import Budget
from fxchain.optim.evolution import Evolution
from fxchain.optim.gradient import Adam
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.patch import Patch
from fxchain.synth.search.audio_error import AudioError, SpectralError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.schedule import search_voice
from fxchain.synth.search.space import Space

#: What a random draw is compared with, and how many precede Adam.
ADAM_DRAWS = 64
#: Knobs that are farther away are named in the table.
FAR = 0.05
#: An error-to-signal ratio counts as low up to this.
LOW_ESR = 0.01


class Task(Protocol):
    """What a method is given."""

    number: int

    @property
    def heard(self) -> Heard:
        """Return the recording and its notes."""
        ...

    @property
    def level(self) -> float:
        """Return the amplitude that a weight of 1 stands for in the peers' searches."""
        ...


Method = Callable[[Any, float], Patch]


def by_match(case: Task, seconds: float) -> Patch:
    """Return what `fxchain synth match` finds."""
    found = search_voice(case.heard, Budget(seconds=seconds, clock=time.process_time), case.number)
    return found.space.patch(found.cube)


def _error(case: Task) -> AudioError:
    return AudioError(case.heard, Space(level=case.level, noise_seed=case.number))


def _bands(error: AudioError) -> ResidualObjective:
    return ResidualObjective(error.bands, np.arange(len(error.space.specs)))


def by_cma(case: Task, seconds: float) -> Patch:
    """Return what CMA-ES finds by the band powers of what is played."""
    error = _error(case)
    search = Evolution(case.number, 16, 10_000, 0.3)
    start = np.full(len(error.space.specs), 0.5)
    return error.space.patch(
        search.minimize(_bands(error), start, Budget(seconds=seconds, clock=time.process_time)).cube
    )


def _drawn(case: Task, budget: Budget, most: float) -> np.ndarray:
    """Return the best of random draws."""
    error, rng = _error(case), np.random.default_rng(case.number)
    best, least, count = np.full(len(error.space.specs), 0.5), np.inf, 0.0
    while count < most and not budget.over:
        cube = rng.uniform(0.0, 1.0, len(best))
        loss = float(np.square(error.bands(cube)).sum())
        best, least = (cube, loss) if loss < least else (best, least)
        budget.step("random", least)
        count += 1
    return best


def by_adam(case: Task, seconds: float) -> Patch:
    """Return what Adam on multi-resolution STFTs finds from the best of 64 draws."""
    error, budget = _error(case), Budget(seconds=seconds, clock=time.process_time)
    best = _drawn(case, budget, ADAM_DRAWS)
    objective = SpectralError(error, np.arange(len(best)))
    return error.space.patch(Adam(steps=400, rate=0.02).minimize(objective, best, budget).cube)


def by_random(case: Task, seconds: float) -> Patch:
    """Return the best of as many random draws as the time allows."""
    return _error(case).space.patch(
        _drawn(case, Budget(seconds=seconds, clock=time.process_time), np.inf)
    )


METHODS: dict[str, Method] = {
    "match": by_match,
    "cma": by_cma,
    "adam": by_adam,
    "random": by_random,
}


def sampler(case: SynthCase) -> float:
    """Return the distance of a sampler: for each judging note the nearest heard one, resampled."""
    recorded = case.recorded(case.patch, case.notes, 3 * SAMPLE_RATE)
    truth = case.recorded(case.patch, case.judging, 4 * SAMPLE_RATE)
    played = sampled(recorded, case.notes, case.judging, len(truth), SAMPLE_RATE)
    return mel_spectral_distance(played, truth, SAMPLE_RATE)


def measure(case: SynthCase, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    begun = time.process_time()
    patch = METHODS[method](case, seconds)
    taken = time.process_time() - begun
    errors = case.knob_errors(patch)
    return {
        "method": method,
        "knob_error": mean_distance(errors),
        "largest": largest(errors),
        "mss": case.judged(patch),
        "esr": case.esr(patch),
        "floor": case.floor(),
        "sampler": sampler(case),
        "audible": len(case.audible),
        "taken": taken,
        "hidden": [each.source for each in case.patch.sources],
        "found": [each.source for each in patch.sources],
    }


def main() -> None:
    """Print a row for each case and method, then the medians."""
    free = sys.argv[1:2] == ["free"]
    if free:
        sys.argv.pop(1)
    made = FreeCase if free else SynthCase
    rows = rows_of_methods(
        "synth-free" if free else "synth",
        __doc__.splitlines()[0],
        METHODS,
        f"{'knobs':>7}{'ESR':>9}{'MSS':>7}{'floor':>7}{'sampler':>9}{'s':>5}  hidden > found",
        lambda number, method, seconds: measure(made(number), method, seconds),
        lambda row: (
            f"{row['knob_error']:>7.3f}{row['esr']:>9.5f}{row['mss']:>7.2f}{row['floor']:>7.2f}"
            f"{row['sampler']:>9.2f}{row['taken']:>5.0f}  {'+'.join(row['hidden'])} > "
            f"{'+'.join(row['found'])}"
            + "".join(f" {name} {far:.2f}" for name, far in row["largest"].items() if far > FAR)
        ),
        cases=40,
        seconds=30.0,
    )
    for method, mine in rows.items():
        errors = np.array([row["knob_error"] for row in mine])
        over = np.array([row["mss"] - row["floor"] for row in mine])
        locked = np.mean([row["esr"] <= LOW_ESR for row in mine])
        print(
            f"{method}, {len(mine)} cases: knob error median {np.median(errors):.4f}, 90 % at most "
            f"{np.quantile(errors, 0.9):.3f}, at most 0.05 in {np.mean(errors <= 0.05):.0%}; "
            f"MSS over the floor, median {np.median(over):.2f} dB; ESR at most {LOW_ESR} in "
            f"{locked:.0%}"
        )


if __name__ == "__main__":
    main()
