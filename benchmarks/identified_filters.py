"""Are filters found again by their response?

    python benchmarks/identified_filters.py [--cases 24]

One to six filters of any kinds, drawn at random, behind plucked strings; a row for each set: how
many controls it has, how many the found one has, its distance (see `fxchain/iir/equivalent.py`) and
the seconds. No audio is played.
"""

import argparse
import time

import numpy as np

from fxchain.data.signals import plucked_strings
from fxchain.iir.nearest_filters import nearest_filters, order_of_all
from fxchain.iir.response_distance import Spectrum
from fxchain.matching.search.band_powers import band_centres, power_shares, with_faint
from fxchain.primitives import REGISTRY
from fxchain.stage import Effect
from fxchain.structure.canonical_tree import Unit
from fxchain.structure.filter_response import response_of

RATE = 44_100
FILTERS = [each for each in REGISTRY.values() if each.sections is not None and each.starts]
#: Distance of sets that are the same.
SAME = 1e-12


def main() -> None:
    """Print a row for each set, and how many were found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=24)
    options = parser.parse_args()
    print(f"{'filters':>8}{'controls':>9}{'found':>7}{'distance':>10}{'seconds':>9}")
    right = 0
    for case in range(options.cases):
        rng = np.random.default_rng((26, case))
        hidden = drawn(rng)
        wanted = spectrum(hidden, plucked_strings(2.0, RATE, seed=case))
        controls = sum(len(each.values) for each in hidden)
        begun = time.perf_counter()
        orders = order_of_all(hidden, RATE)
        found = nearest_filters(wanted, FILTERS, orders, 1e-9, SAME)
        seconds = time.perf_counter() - begun
        best = min(found, key=lambda each: each.distance)
        right += best.distance < SAME and best.knobs <= controls
        row = f"{len(hidden):8}{controls:9}{best.knobs:7}{best.distance:10.0e}{seconds:9.2f}"
        print(row, flush=True)
    print(f"{right} of {options.cases} found again exactly")


def drawn(rng: np.random.Generator) -> tuple[Unit, ...]:
    """Return one to six filters."""
    found = []
    for primitive in rng.choice(np.array(FILTERS), size=rng.integers(1, 7)):
        frequency_hz = float(np.exp(rng.uniform(np.log(60.0), np.log(8_000.0))))
        gain_db = float(rng.choice([-1.0, 1.0]) * rng.uniform(1.5, 9.0))
        q = float(np.exp(rng.uniform(np.log(0.4), np.log(3.0))))
        values = (frequency_hz, gain_db, q)[: len(primitive.parameters)]
        found.append(Unit(Effect(primitive), values, (True,) * len(values)))
    return tuple(found)


def spectrum(units: tuple[Unit, ...], dry: np.ndarray) -> Spectrum:
    """Return the response of filters, and the power of what they play."""
    points = band_centres(RATE)
    response = response_of(units, points, RATE)
    power = power_shares(dry, points, RATE) * np.square(np.abs(response))
    return Spectrum(points, response, with_faint(power / power.sum(), response), RATE)


if __name__ == "__main__":
    main()
