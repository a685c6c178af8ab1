"""Are hidden effects that move found? Chorus, flanger, phaser and tremolo at random phases.

    FXCHAIN_DATA=… python benchmarks/hidden_movement.py [--cases 40] [--first 0] [--seconds 60]
        [--threads 2] [--kinds chorus,flanger,phaser,tremolo] [--label TEXT] [--fresh]

Half of the cases are the effect alone, half stand between an equalizer band and a drive. The wet is
what the exported board makes of the first 10 s of a recording. Rates are compared as they are
heard, since pedalboard's oscillators round theirs. `--kinds vibrato` hides another effect instead.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from recorded import Recorded
from recovery import Case, cases, first_seconds

from fxchain import match
from fxchain.data.presets import hidden_rng
from fxchain.dsp.oscillator import heard_rate
from fxchain.files.audio_input import read_audio
from fxchain.player.pre_roll import oscillator_pre_roll, stepped_oscillator_pre_roll
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.stage import Chain, Effect

#: Ranges that are drawn from, evenly, or evenly in the logarithm where the control is so.
RANGES: dict[str, dict[str, tuple[float, float]]] = {
    "chorus": {
        "rate_hz": (0.3, 4.0),
        "phase_degrees": (0.0, 360.0),
        "depth": (0.1, 0.8),
        "centre_delay_ms": (5.0, 20.0),
        "feedback": (0.0, 0.3),
        "mix": (0.3, 0.7),
    },
    "flanger": {
        "rate_hz": (0.3, 2.0),
        "phase_degrees": (0.0, 360.0),
        "depth": (0.1, 0.3),
        "centre_delay_ms": (2.0, 5.0),
        "feedback": (0.3, 0.7),
        "mix": (0.3, 0.7),
    },
    "phaser": {
        "rate_hz": (0.3, 4.0),
        "phase_degrees": (0.0, 360.0),
        "depth": (0.2, 0.9),
        "centre_frequency_hz": (400.0, 2_500.0),
        "feedback": (0.0, 0.6),
        "mix": (0.3, 0.7),
    },
    "tremolo": {"rate_hz": (1.0, 8.0), "phase_degrees": (0.0, 360.0), "depth": (0.3, 0.9)},
    "vibrato": {"rate_hz": (2.0, 8.0), "phase_degrees": (0.0, 360.0), "depth_ms": (0.1, 1.5)},
}
#: What is hidden where nothing else is asked for.
HIDDEN = ("chorus", "flanger", "phaser", "tremolo")
#: What else the drawn effects are.
KINDS = {"flanger": "chorus"}
#: Samples from one move of the oscillator to the next, by how a plugin reaches its phase.
_EVERY: dict[Any, int] = {oscillator_pre_roll: 1, stepped_oscillator_pre_roll: 4}
GOAL_ESR, GOAL_RATE = 1e-3, 1e-3


def main() -> None:
    """Print a row for each case, then the shares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kinds", default=",".join(HIDDEN), help="what is hidden, in turn")
    parser.add_argument("--label", default="", help="keeps the rows of versions apart")
    parser.add_argument("--fresh", action="store_true", help="measure again what is recorded")
    options = parser.parse_args()
    kinds = tuple(options.kinds.split(","))
    if not set(kinds) <= set(RANGES):
        parser.error(f"--kinds: any of {', '.join(RANGES)}")
    settings = {key: getattr(options, key) for key in ("seconds", "threads", "label")}
    print("hidden movement:", *(f"{key}={value}" for key, value in settings.items() if value))
    recorded = Recorded("hidden_movement", settings, options.fresh)
    print(f"{'case':<28}{'held out':>10}{'linear':>10}{'rate off':>10}{'s':>6}  found")
    rows = []
    for case in cases(options.first + options.cases)[options.first :]:
        made = partial(measure, case, kinds, options.seconds, options.threads)
        row = recorded.row(_name(case, kinds), made)
        off = "-" if row["rate_off"] is None else f"{row['rate_off']:.2%}"
        print(
            f"{row['case']:<28}{row['held_out']:>10.1e}{row['linear']:>10.2g}{off:>10}"
            f"{row['whole_seconds']:>6.0f}  {' > '.join(row['found'])}",
            flush=True,
        )
        rows.append(row)
    for among in (False, True):
        _print_share([row for row in rows if row["among"] == among], among)


def _print_share(rows: Sequence[dict[str, Any]], among: bool) -> None:
    if not rows:
        return
    near = np.mean([row["held_out"] <= GOAL_ESR for row in rows])
    known = [row["rate_off"] for row in rows]
    right = np.mean([off is not None and off <= GOAL_RATE for off in known])
    where, goal = ("between others", 0.75) if among else ("alone", 0.9)
    print(
        f"{where}, {len(rows)} cases: held-out ESR at most {GOAL_ESR:g} in {near:.0%} (goal "
        f"{goal:.0%}), rate within {GOAL_RATE:.1%} in {right:.0%}"
    )


def _drawn(case: Case, kinds: Sequence[str]) -> tuple[str, bool]:
    """Return what is hidden, and whether it stands between others."""
    return kinds[case.number % len(kinds)], case.number // len(kinds) % 2 == 1


def _name(case: Case, kinds: Sequence[str]) -> str:
    kind, among = _drawn(case, kinds)
    return f"{case.name} {kind}{' between' if among else ''}"


def hidden(case: Case, kinds: Sequence[str], sample_rate: int) -> Preset:
    """Return the chain of a case."""
    kind, among = _drawn(case, kinds)
    rng = hidden_rng(case.number)
    primitive = get_primitive(KINDS.get(kind, kind))
    moving = []
    for spec in primitive.parameters:
        low, high = RANGES[kind][spec.name]
        place = rng.uniform(spec.normalize(low), spec.normalize(high))
        moving.append(float(spec.denormalize(torch.tensor(place))))
    if not among:
        return Preset(Chain((Effect(primitive),)), np.array(moving), sample_rate)
    band = [float(rng.uniform(300.0, 3_000.0)), float(rng.choice([-8.0, 8.0])), 1.0]
    around = (get_primitive("peak_filter"), primitive, get_primitive("distortion"))
    values = np.array([*band, *moving, float(rng.uniform(6.0, 18.0))])
    return Preset(Chain(tuple(map(Effect, around))), values, sample_rate)


def measure(case: Case, kinds: Sequence[str], seconds: float, threads: int) -> dict[str, Any]:
    """Return the figures of one match."""
    dry = first_seconds(read_audio(case.file))
    preset = hidden(case, kinds, dry.sample_rate)
    wet = render(preset, dry.samples, dry.sample_rate)
    begun = time.monotonic()
    found = match(
        dry.samples, wet, dry.sample_rate, seconds=seconds, threads=threads, seed=case.number
    )
    taken = time.monotonic() - begun
    linear = found.metrics["baselines"]["best_linear_filter"]["held_out"]
    true, other = (_heard_rate(each, dry.sample_rate) for each in (preset, found.preset))
    placed = effects_of(found.preset.stage, found.preset.values)
    return {
        "among": _drawn(case, kinds)[1],
        "held_out": (found.metrics["held_out"] or found.metrics["fitted"])["esr"],
        "linear": linear["esr"] if linear else float("nan"),
        "rate_off": None if true is None or other is None else abs(other / true - 1.0),
        "found": [each.effect.primitive.kind for each in placed],
        "whole_seconds": taken,
    }


def _heard_rate(preset: Preset, sample_rate: int) -> float | None:
    """Return the rate of the first effect that moves, Hz, as its oscillator rounds it."""
    for placed in effects_of(preset.stage, preset.values):
        named = placed.effect.arguments(placed.values)
        if "rate_hz" in named:
            every = _EVERY.get(placed.effect.primitive.pre_roll)
            hertz = named["rate_hz"]
            return hertz if every is None else heard_rate(sample_rate, hertz, every)
    return None


if __name__ == "__main__":
    main()
