"""Matches that were not searched: a known chain, scored and reported as if it had been found."""

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match
from fxchain.matching.search.result import FitResult
from fxchain.preset import parse_chain
from tests.known_pair import CHAIN, effect
from tests.matching.stand_in import replace_fit

RATE = 16_000
#: A name that a page must show as it is.
HOSTILE = "</script></style><img src=x onerror=alert(1)>\"' {{ 7*7 }} &amp;.wav"
KNOWN = {
    "chain": [
        effect("low_shelf_filter", cutoff_frequency_hz=120.0, gain_db=-3.0, q=0.7),
        effect("high_shelf_filter", cutoff_frequency_hz=5000.0, gain_db=2.0, q=0.7),
        effect("waveshaper", drive_db=6.0, bias=0.2),
        *CHAIN["chain"],
    ]
}


def found_without_search(seconds=6.0, rate=RATE):
    """Return a match whose fit gives back nearly the true chain, with a history of all phases."""
    stage, values, _ = parse_chain(KNOWN, "the known chain")
    dry = plucked_strings(seconds, rate, seed=3)

    def known(problems, template, budget, seed):
        for at, phase in enumerate(
            ("gradient", "second order", "evolution", "jump", "elimination")
        ):
            budget.step(phase, 0.5 / (at + 1))
            budget.report("best", 0.4 / (at + 1))
        free = np.ones(len(values), dtype=bool)
        free[0] = False
        return FitResult(
            stage, values, 0.08, budget.history, ("chain[3] (peak_filter)",), free=free
        )

    wet = _played(stage, values, dry, rate)
    near = np.array(values)
    near[1] += 0.2
    values = near
    with pytest.MonkeyPatch.context() as patch:
        replace_fit(patch, known)
        return match(dry, wet, rate, iterations=5)


def _played(stage, values, dry, rate):
    from fxchain.preset import Preset
    from fxchain.render import render

    return render(Preset(stage, values, rate), dry, rate)
