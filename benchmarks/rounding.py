"""How much the rounding of pedalboard's filters changes what chains play.

    FXCHAIN_DATA=… python benchmarks/rounding.py [--cases 120]

The chains of `structure.py` without a reverb that have a filter, on the first 3 s of their
recording: what pedalboard plays, beside the same with filters in float64, at the best gain.
"""

import argparse

import numpy as np
import torch
from structure_cases import drawn_cases, hidden

from fxchain.files.audio_input import Audio
from fxchain.player import Playback
from fxchain.structure.candidate import Candidate

SECONDS = 3
QUANTILES = (0.25, 0.5, 0.75, 0.9, 0.95, 1.0)


def main() -> None:
    """Print quantiles of the error-to-signal ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=120)
    options = parser.parse_args()
    errors = []
    for case in drawn_cases(options.cases, 0):
        dry = case.dry()
        truth = hidden(case, dry)
        slots = truth.stage.slots()
        filters = any(slot.spec.name == "cutoff_frequency_hz" for slot in slots)
        if filters and not any(slot.kind == "reverb" for slot in slots):
            errors.append(rounding_error(truth, dry))
    print(f"{len(errors)} chains of {options.cases}")
    for quantile in QUANTILES:
        print(f"{100 * quantile:4.0f} %  ESR {np.quantile(errors, quantile):.1e}")


def rounding_error(truth: Candidate, dry: Audio) -> float:
    """Return the error-to-signal ratio between both ways to play a chain."""
    audio = torch.from_numpy(dry.samples[:, : SECONDS * dry.sample_rate].copy())[None]
    values = torch.from_numpy(np.array(truth.values))[None]
    with torch.no_grad():
        rounded, exact = (
            truth.stage.process(audio, Playback(dry.sample_rate, rounded=each), values).double()
            for each in (True, False)
        )
    gain = (rounded * exact).sum() / exact.square().sum()
    return float((gain * exact - rounded).square().sum() / rounded.square().sum())


if __name__ == "__main__":
    main()
