"""Whether a change of the code changed what is computed: eleven searches against stored hashes.

    python benchmarks/golden.py             compare with benchmarks/golden.json
    python benchmarks/golden.py --store     store what is found now

Nine matches and two transfers by a number of steps: every named chain, several pairs of one device,
a measured response, stereo, a chain that grows, and (where `FXCHAIN_DATA` names the recordings) a
recorded pair. Two hashes of each are compared: of the preset file, byte for byte, and of what it
plays, the effects and their values alone, which stays when only the format of presets changes.

Sums are rounded otherwise on another processor or with another version of torch, so the stored
hashes hold for the machine whose name stands beside them; on another one store first, then change.
"""

import argparse
import hashlib
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from recorded_pairs import data_folder

from fxchain import Match, match, match_pairs, transfer
from fxchain.data.presets import decaying_noise, hidden_chain
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.stage import Chain, Effect

RATE = 44_100
STORED = Path(__file__).with_suffix(".json")


def main() -> int:
    """Run the searches and compare; return 1 where a hash differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", action="store_true", help="store the hashes found now")
    parser.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES))
    options = parser.parse_args()
    stored = json.loads(STORED.read_text()) if STORED.exists() else {"cases": {}}
    differ = 0
    print(f"{'case':<20}{'seconds':>9}{'ESR':>12}  {'file':<14}{'played':<14}")
    for name in options.only:
        begun = time.perf_counter()
        found = CASES[name]()
        if found is None:
            print(f"{name:<20}  skipped: FXCHAIN_DATA names no recordings")
            continue
        row = {"file": _of_file(found.preset), "played": _of_values(found.preset)}
        before = stored["cases"].get(name, {})
        marks = ["same" if before.get(key) == row[key] else "DIFFERS" for key in row]
        differ += "DIFFERS" in marks
        esr = (found.metrics["fitted"] or {}).get("esr", float("nan"))
        taken = time.perf_counter() - begun
        print(f"{name:<20}{taken:9.1f}{esr:12.3e}  {marks[0]:<14}{marks[1]:<14}", flush=True)
        stored["cases"][name] = row if options.store else before
    if options.store:
        stored["machine"] = _machine()
        STORED.write_text(json.dumps(stored, indent=2) + "\n")
        return 0
    if differ and stored.get("machine") != _machine():
        print(f"stored on {stored.get('machine')}; this is {_machine()}: the hashes say nothing")
    return int(differ > 0)


def _machine() -> str:
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return f"{cpu}, torch {torch.__version__}, numpy {np.__version__}"


def _of_file(preset: Preset) -> str:
    with tempfile.TemporaryDirectory() as folder:
        preset.save(Path(folder) / "preset.json")
        return hashlib.sha256((Path(folder) / "preset.json").read_bytes()).hexdigest()


def _of_values(preset: Preset) -> str:
    text = repr(
        [
            (at.path, at.effect.primitive.kind, [float(value) for value in at.values])
            for at in effects_of(preset.stage, preset.values)
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _hidden(seed: int, dry: np.ndarray, swapped: bool = False) -> np.ndarray:
    stage, values = hidden_chain(np.random.default_rng(seed), RATE, swapped=swapped)
    return render(Preset(stage, values, RATE), dry, RATE)


def _strings(seed: int, seconds: float = 4.5) -> np.ndarray:
    return plucked_strings(seconds, RATE, seed)


def _several_pairs() -> Match:
    dries = [_strings(1), _strings(2)]
    stage = Chain((Effect(get_primitive("peak_filter")), Effect(get_primitive("distortion"))))
    preset = Preset(stage, np.array([700.0, 6.0, 1.2, 12.0]), RATE)
    wets = [render(preset, dry, RATE) for dry in dries]
    pairs = list(zip(dries, wets, strict=True))
    return match_pairs(pairs, RATE, iterations=24, chain="default", gain_per_pair=True)


def _compressor_first() -> Match:
    dry = _strings(3)
    return match(dry, _hidden(12, dry, swapped=True), RATE, iterations=30, chain="squeezed")


def _recorded() -> Match | None:
    folder = data_folder()
    if folder is None:
        return None
    rows = (folder / "pairs.csv").read_text(encoding="utf-8").splitlines()
    heading = rows[0].split(",")
    row = next(line.split(",") for line in rows[1:] if "fuzz" in line.lower())
    dry, wet = (folder / row[heading.index(name)] for name in ("dry", "wet"))
    return match(dry, wet, iterations=24, chain="amp")


def _grown() -> Match:
    """A drive, a filter and a drive again, with an offset: no chain is exact."""
    dry = _strings(5)
    bent = np.tanh(6.0 * dry + 0.3) - np.tanh(0.3)
    low = np.stack([np.convolve(row, np.ones(24) / 24)[: dry.shape[1]] for row in bent])
    wet = (0.5 * np.tanh(9.0 * low - 0.2) + 0.1).astype(np.float32)
    return match(dry, wet - wet.mean(), RATE, iterations=60, seed=1)


def _measured_response() -> Match:
    dry = _strings(4)
    response = decaying_noise(np.random.default_rng(4)).samples[0]
    wet = np.stack([np.convolve(row, response)[: dry.shape[1]] for row in dry])
    wet *= 0.5 / np.abs(wet).max()
    return match(dry, wet.astype(np.float32), RATE, iterations=40, chain="default")


def _equalizer() -> Match:
    dry = _strings(16)
    stage = Chain(
        (Effect(get_primitive("high_shelf_filter")), Effect(get_primitive("peak_filter")))
    )
    wet = render(Preset(stage, np.array([4_000.0, -6.0, 0.7, 400.0, 5.0, 1.5]), RATE), dry, RATE)
    return match(dry, wet, RATE, iterations=40, chain="eq")


def _stereo() -> Match:
    dry = np.concatenate([_strings(6), _strings(7)])
    stage = Chain((Effect(get_primitive("compressor")), Effect(get_primitive("gain"))))
    wet = render(Preset(stage, np.array([-25.0, 4.0, 8.0, 90.0, 4.0]), RATE), dry, RATE)
    return match(dry, wet, RATE, iterations=40, chain="dynamics")


def _space() -> Match:
    dry = _strings(8)
    stage = Chain((Effect(get_primitive("delay")), Effect(get_primitive("reverb"))))
    values = np.array([0.21, 0.3, 0.35, 0.6, 0.4, 0.3, 0.7, 1.0])
    return match(
        dry, render(Preset(stage, values, RATE), dry, RATE), RATE, iterations=50, chain="space"
    )


def _drive() -> Match:
    dry = _strings(9)
    stage = Chain((Effect(get_primitive("clipping")), Effect(get_primitive("waveshaper"))))
    wet = render(Preset(stage, np.array([-14.0, 9.0, 0.5]), RATE), dry, RATE)
    return match(dry, wet, RATE, iterations=60, chain="drive")


def _sections() -> Match:
    dry = _strings(10, 12.0)
    styled = _hidden(13, dry)
    return transfer(dry[:, : 6 * RATE], styled[:, 6 * RATE :], sample_rate=RATE, iterations=40)


def _unrelated() -> Match:
    noise = white_noise(6.0, RATE, 3) * np.float32(0.5)
    return transfer(
        _strings(14),
        _hidden(15, noise),
        sample_rate=RATE,
        iterations=30,
        amount=70,
        chain="default",
    )


CASES: dict[str, Callable[[], Match | None]] = {
    "several pairs": _several_pairs,
    "squeezed": _compressor_first,
    "recorded, amp": _recorded,
    "grown": _grown,
    "response": _measured_response,
    "eq": _equalizer,
    "stereo, dynamics": _stereo,
    "space": _space,
    "drive": _drive,
    "transfer, sections": _sections,
    "transfer, unrelated": _unrelated,
}

if __name__ == "__main__":
    sys.exit(main())
