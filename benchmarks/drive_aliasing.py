"""How much of a drive that does not alias is lost where its curves are played without oversampling?

    FXCHAIN_DATA=… python benchmarks/drive_aliasing.py [--cases 16]

The drives of `cells.py`, with all curves at 1, 2 and 4 times the sample rate, beside the same at 8
times. Printed is the error-to-signal ratio and that behind a pre-emphasis: no chain that clips at
the sample rate can leave less of such a drive, however near its knobs are.
"""

import argparse

import cell_cases
import numpy as np

from fxchain.metrics.scores import esr
from fxchain.recurrent.recording import PRE_EMPHASIS, tilted


def main() -> None:
    """Print a row for each drive, then the geometric means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=16)
    options = parser.parse_args()
    rates = (1, 2, 4)
    print(f"{'case':<6}" + "".join(f"{f'{rate}x':>9}{'pre-emph.':>11}" for rate in rates))
    rows = []
    for number in range(options.cases):
        exact = wet_at(8, number)
        rows.append([each for rate in rates for each in left(exact, wet_at(rate, number))])
        print(f"{number:<6}{written(rows[-1])}", flush=True)
    print(f"{'mean':<6}{written(np.exp(np.mean(np.log(rows), axis=0)))}")


def wet_at(oversampling: int, number: int) -> np.ndarray:
    """Return what a drive makes of its recording with its curves at a multiple of the rate."""
    cell_cases.OVERSAMPLING = oversampling
    return cell_cases.DriveCase(number).pair()[1]


def left(exact: np.ndarray, played: np.ndarray) -> tuple[float, float]:
    """Return the error-to-signal ratio, and that behind a pre-emphasis."""
    pairs = [(exact, played), (tilted(exact, PRE_EMPHASIS), tilted(played, PRE_EMPHASIS))]
    plain, bright = (esr(one[None], other[None]) for one, other in pairs)
    return plain, bright


def written(row: np.ndarray | list[float]) -> str:
    """Return figures in columns."""
    pairs = zip(row[::2], row[1::2], strict=True)
    return "".join(f"{plain:>9.1e}{bright:>11.1e}" for plain, bright in pairs)


if __name__ == "__main__":
    main()
