"""Loading and compiling are over before the time of a search begins."""

import json
import sys

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match

RATE = 16_000


def signatures():
    """Return the functions of `fxchain.dsp` that numba has compiled, and for which types."""
    return {
        (name, function.__name__, str(types))
        for name, module in sys.modules.copy().items()
        if name.startswith("fxchain.dsp.")
        for function in vars(module).values()
        if hasattr(function, "py_func")
        for types in function.signatures
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_search_compiles_nothing(tmp_path, seed):
    """Match chains of three effects drawn at random, two steps each."""
    random = np.random.default_rng(seed)
    kinds = [
        "gain",
        "peak_filter",
        "low_shelf_filter",
        "compressor",
        "distortion",
        "lowpass_filter",
    ]
    chain = {"chain": [{"primitive": str(kind)} for kind in random.choice(kinds, 3, replace=False)]}
    (tmp_path / "chain.json").write_text(json.dumps(chain))
    dry = plucked_strings(3.0, RATE, seed)
    phases, compiled = [], []

    def progress(phase, loss, share):
        phases.append((phase, share))
        compiled.append(signatures())

    match(dry, 0.5 * dry, RATE, chain=str(tmp_path / "chain.json"), iterations=2, progress=progress)
    assert phases[0] == ("compiling", 0.0) and phases[1] == ("aligning", 0.0)
    later = next(i for i, (phase, _) in enumerate(phases) if phase == "aligning")
    assert compiled[later] and not signatures() - compiled[later]
