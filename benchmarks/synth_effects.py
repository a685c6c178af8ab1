"""Are effects behind a hidden synthesizer patch found? Beside the voice alone.

    python benchmarks/synth_effects.py [--cases 20] [--first 0] [--seconds 60]
        [--methods effects,voice] [--label TEXT] [--fresh]

Hidden patches as of `benchmarks/synth.py` with one or two of drive, EQ, delay and reverb behind
them, each of which changes the recording by more than 0.5 dB, at whatever level. effects: as
`fxchain synth match --midi --chain default`; voice: without `--chain`, in equal seconds of one
processor. Three notes are heard, four others judge. Right: there is drive, EQ, delay and reverb
where these are hidden, and nowhere else, dynamics neither. MSS: mel-spectral distance on the
judging notes, dB; floor: that of the hidden patch with another draw of its noise. Knob error: of
the voice.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from knob_distance import mean_distance
from method_rows import rows_of_methods
from scipy.optimize import minimize_scalar
from synth_cases import SAMPLE_RATE, SynthCase

from fxchain.data.presets import hidden_order, hidden_rng
from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.primitives import Primitive
from fxchain.stage import Chain
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.hooks import Hooks
from fxchain.synth.match import match_patch
from fxchain.synth.options import SynthOptions
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch

KINDS = ("distortion", "peak_filter", "delay", "reverb")
#: A hidden effect is audible where the recording without it is farther away at any level, dB.
AUDIBLE_DB = 0.5
#: Levels that are tried, to either side of that of the recording, dB.
LEVELS_DB = 20.0
METHODS = {"effects": "default", "voice": None}


def family(primitive: Primitive) -> str:
    """Return what people call an effect: of those of space delay or reverb, else its purpose."""
    if primitive.purpose != "space":
        return primitive.purpose
    return "delay" if primitive.kind == "delay" else "reverb"


def families(preset: Preset | None) -> list[str]:
    """Return the families of the effects of a preset, without levels, in alphabetical order."""
    placed = [] if preset is None else effects_of(preset.stage, preset.values)
    return sorted({family(each.effect.primitive) for each in placed} - {"level"})


def with_effects(patch: Patch, chain: Chain, values: np.ndarray) -> Patch:
    """Return a patch with a chain behind it."""
    return patch.model_copy(
        update={"effects": json.loads(Preset(chain, values, SAMPLE_RATE).to_json())}
    )


def distance_at_any_level(samples: np.ndarray, target: np.ndarray) -> float:
    """Return the mel-spectral distance of (samples,) to a target at the level that is nearest, dB.

    A soft drive is a level, and a voice has one.
    """
    same = samples * np.linalg.norm(target) / (np.linalg.norm(samples) + 1e-30)

    def distance(level_db: float) -> float:
        return mel_spectral_distance(same * 10.0 ** (level_db / 20.0), target, SAMPLE_RATE)

    bounds = (-LEVELS_DB, LEVELS_DB)
    found = minimize_scalar(distance, bounds=bounds, method="bounded", options={"xatol": 0.05})
    return float(found.fun)


@dataclass(frozen=True)
class EffectsCase(SynthCase):
    """A hidden patch with one or two effects behind it."""

    @cached_property
    def patch(self) -> Patch:
        """Return the hidden patch: of the chains that are drawn the first that can be heard."""
        rng, alone = hidden_rng((44, self.number)), self.space.patch(self.cube)
        while True:
            count = int(rng.integers(1, 3))
            chain, values = hidden_order(rng, count, SAMPLE_RATE, KINDS)
            patch = with_effects(alone, chain, values)
            if all(self._heard_without(patch, alone, each) for each in range(count)):
                return patch

    def _heard_without(self, patch: Patch, alone: Patch, place: int) -> bool:
        """Tell whether the effect at a place of the chain can be heard."""
        preset = patch.preset
        assert preset is not None
        placed = effects_of(preset.stage, preset.values)
        rest = [each for number, each in enumerate(placed) if number != place]
        less = alone
        if rest:
            values = np.concatenate([each.values for each in rest])
            less = with_effects(alone, Chain(tuple(each.effect for each in rest)), values)
        samples = 3 * SAMPLE_RATE
        played, other = (self.recorded(each, self.notes, samples) for each in (patch, less))
        return distance_at_any_level(other, played) > AUDIBLE_DB

    def recorded(self, patch: Patch, notes: Sequence[Note], samples: int) -> np.ndarray:
        """Return what the hidden instrument plays with a patch, (samples,)."""
        return render_patch(patch, notes, SAMPLE_RATE, samples).mean(axis=0)

    def _judging_audio(self, patch: Patch) -> np.ndarray:
        return self.recorded(patch, self.judging, 4 * SAMPLE_RATE)


def measure(case: EffectsCase, method: str, seconds: float) -> dict[str, Any]:
    """Return the figures of one search."""
    samples = case.recorded(case.patch, case.notes, 3 * SAMPLE_RATE)
    audio = from_array(samples.astype(np.float32)[None], SAMPLE_RATE, "hidden")
    options = SynthOptions(seconds=seconds, seed=case.number, threads=1, chain=METHODS[method])
    begun = time.process_time()
    found = match_patch(audio, case.notes, options, Hooks(clock=time.process_time)).patch
    assert isinstance(found, Patch)
    hidden, heard = families(case.patch.preset), families(found.preset)
    return {
        "hidden": [each.source for each in case.patch.sources] + hidden,
        "found": [each.source for each in found.sources] + heard,
        "right": hidden == heard,
        "mss": case.judged(found),
        "floor": case.floor(),
        "knob_error": mean_distance(case.knob_errors(found)),
        "taken": time.process_time() - begun,
    }


def main() -> None:
    """Print a row for each case and method, then the medians."""
    rows = rows_of_methods(
        "synth-effects",
        __doc__.splitlines()[0],
        METHODS,
        f"{'knobs':>7}{'MSS':>7}{'floor':>7}{'s':>5}  right  hidden > found",
        lambda number, method, seconds: measure(EffectsCase(number), method, seconds),
        lambda row: (
            f"{row['knob_error']:>7.3f}{row['mss']:>7.2f}{row['floor']:>7.2f}{row['taken']:>5.0f}"
            f"  {'yes' if row['right'] else 'no':<5}  {'+'.join(row['hidden'])} > "
            f"{'+'.join(row['found'])}"
        ),
        cases=20,
        seconds=60.0,
    )
    for method, mine in rows.items():
        over = np.median([row["mss"] - row["floor"] for row in mine])
        print(
            f"{method}, {len(mine)} cases: effects right in "
            f"{np.mean([row['right'] for row in mine]):.0%}; MSS median "
            f"{np.median([row['mss'] for row in mine]):.2f} dB, over the floor {over:.2f} dB"
        )


if __name__ == "__main__":
    main()
