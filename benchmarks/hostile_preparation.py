"""Are pairs with defects prepared rightly before any search? The cases of `hostile_recordings.py`.

    FXCHAIN_DATA=… python benchmarks/hostile_preparation.py [--cases 100] [--first 0] [--control]

Each pair is read, put right and aligned as a match does it, without a search; some seconds a case.
Then what the chain is compared with goes through the routing that the preset would have, which
should give the wet as the device made it. Two figures say how near it comes, over what is compared
and below 18 kHz:

    ESR      at the best delay, of at most 500 samples; also of the dry, through the inputs
    delay    by how many samples the latency is wrong: a chain cannot undo a negative one

    right    both ESRs are at most 1e-3 (the wet's 0.02 where a clock drifted), and the delay is
             -2 to 60 samples (a low-pass is strongest behind its beginning)
    said     refused, or every defect is named in a warning, or the pair is doubted
    wrong    neither

With `--control` nothing is wrong with the pair, and every warning is one too many.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.fft
import soundfile
from hostile_cases import control, drawn_case, drawn_defects, with_defects
from hostile_defects import RATE, Defect, Recordings, below_filters, named

from fxchain.errors import MatchError
from fxchain.player.channel_routing import straight
from fxchain.recordings.aligned_pair import AlignedPair
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import AlignedPairs, align_pairs, read_pair_sources

MOST_ESR, MOST_ESR_DRIFT = 1e-3, 0.02
LEAST_DELAY, MOST_DELAY, REACH = -2, 60, 500
RIGHT, SAID, WRONG = "right", "said", "wrong"


def main() -> None:
    """Print a row for each case, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--control", action="store_true", help="nothing is wrong with the pairs")
    options = parser.parse_args()
    print(f"{'case':<5}{'ESR':>9}{'of dry':>9}{'delay':>7}{'s':>6}  {'outcome':<8}defects")
    outcomes: Counter[str] = Counter()
    for number in range(options.first, options.first + options.cases):
        outcomes[_printed(number, options.control)] += 1
    print(", ".join(f"{outcome} {count}" for outcome, count in outcomes.items()))


def _printed(number: int, clean: bool) -> str:
    """Prepare a case, print its row and what was said of it, and return the outcome."""
    kinds, pair = drawn_case(number)
    defects = [] if clean else drawn_defects(number)
    pair = control(pair) if clean else with_defects(pair, number, defects)
    began = time.monotonic()
    found, warnings = prepared(pair)
    seconds = time.monotonic() - began
    esr, of_dry, delay = (1.0, 1.0, 0) if found is None else figures(found.pairs[0], pair)
    right = found is not None and is_right(esr, of_dry, delay, defects)
    said = found is None or (bool(defects) and named(defects, warnings))
    outcome = RIGHT if right else SAID if said else WRONG
    names = ", ".join(each.name for each in defects) or "none"
    print(
        f"{number:03d}  {esr:>9.1e}{of_dry:>9.1e}{delay:>7}{seconds:>6.1f}  {outcome:<8}"
        f"{names} ({', '.join(kinds)})",
        flush=True,
    )
    for sentence in warnings if outcome != RIGHT or clean else ():
        print(f"         - {sentence}", flush=True)
    return outcome


def prepared(pair: Recordings) -> tuple[AlignedPairs | None, list[str]]:
    """Return recordings as a search would get them, None where they are refused; and what is said.

    A drift is taken out where a warning names `--correct-drift`.
    """
    with tempfile.TemporaryDirectory() as folder:
        dry, wet = Path(folder) / "dry.wav", Path(folder) / "wet.wav"
        soundfile.write(dry, pair.dry.T, RATE, "FLOAT")
        soundfile.write(wet, pair.wet.T, pair.wet_rate_hz, "FLOAT")
        sources = (PairSource(str(dry), str(wet)),)
        try:
            read = read_pair_sources(sources)
            found = align_pairs(sources, read)
            if "--correct-drift" in " ".join(found.warnings):
                found = align_pairs(sources, read, correct_drift=True)
        except MatchError as error:
            return None, [str(error)]
    return found, list(found.warnings)


def figures(found: AlignedPair, pair: Recordings) -> tuple[float, float, int]:
    """Return the ESR of a prepared wet and of its dry against the truth, and the delay."""
    wait = pair.dry.shape[1] - pair.source.shape[1]
    dry, wet = (np.pad(each, ((0, 0), (wait, 0))) for each in (pair.source, pair.target))
    routing = found.read.routing or straight(len(found.dry))
    length = found.wet.shape[1]
    known = np.zeros(length, dtype=bool)
    known[max(found.fitted[0], wait) : found.fitted[1]] = True
    if found.held_out is not None:
        known[slice(*found.held_out)] = True
    for begin, end in found.gaps:
        known[max(begin - max(routing.delays_samples), 0) : end + max(routing.delays_samples)] = 0
    inputs, _ = routing.around(None).matrices(len(dry))
    esr, delay = esr_at_best_delay(
        below_filters(routing.output(found.wet)), below_filters(wet), known
    )
    of_dry, _ = esr_at_best_delay(found.dry[:, :length], inputs @ dry, known)
    return esr, of_dry, delay


def is_right(esr: float, of_dry: float, delay: int, defects: Sequence[Defect]) -> bool:
    """Tell whether the figures are those of a pair that was put right."""
    drifts = any(each.name == "drift" for each in defects)
    near = esr <= (MOST_ESR_DRIFT if drifts else MOST_ESR) and of_dry <= MOST_ESR
    return near and LEAST_DELAY <= delay <= MOST_DELAY


def esr_at_best_delay(made: np.ndarray, truth: np.ndarray, known: np.ndarray) -> tuple[float, int]:
    """Return the least ESR and by how many samples the first must be delayed for it.

    A constant counts as no error.

    Args:
        made: (channels, samples)
        truth: (channels, samples or more); 1 where the numbers of channels differ
        known: (samples,) what is compared
    """
    if len(made) != len(truth):
        return 1.0, 0
    length = min(made.shape[1], truth.shape[1])
    made, truth, known = made[:, :length], truth[:, :length], known[:length]
    size = scipy.fft.next_fast_len(length + REACH, real=True)
    spectra = [scipy.fft.rfft(each * known, size) for each in (made, truth)]
    cross = scipy.fft.irfft(np.sum(spectra[1] * np.conj(spectra[0]), axis=0), size)
    near = np.concatenate([cross[: REACH + 1], cross[-REACH:]])
    at = int(near.argmax())
    delay = at if at <= REACH else at - len(near)
    moved = np.roll(made, delay, axis=1)
    known = known & np.roll(known, delay)
    known[:REACH] = known[-REACH:] = False
    left, power = (each[:, known].astype(np.float64) for each in (moved - truth, truth))
    left, power = left - left.mean(axis=1, keepdims=True), power - power.mean(axis=1, keepdims=True)
    return float(np.sum(left**2) / max(np.sum(power**2), 1e-30)), delay


if __name__ == "__main__":
    main()
