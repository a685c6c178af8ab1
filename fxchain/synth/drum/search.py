"""The search for a drum: closed form, second-order steps, evolution, then as for a voice."""

from collections.abc import Sequence

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.drum.growth import grow
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.drum.sweep_start import CUTS_HZ, measured_noise, measured_sweep
from fxchain.synth.drum.sweep_waveform import by_waveform
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.bands import Bands
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.hopping import BlockHopping, blocks_of
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.refining import FoundVoice, refine
from fxchain.synth.search.space import ROOM, label
from fxchain.synth.search.weights import relative

#: Starts that are drawn besides the measured ones, and how many of the best are refined.
DRAWN, REFINED = 56, 4
#: Shares of the budget at which the phases before `refine` end.
DRAWN_UNTIL, SWEEP_UNTIL, DESCENT_UNTIL, EVOLUTION_UNTIL, JUMPS_UNTIL = 0.06, 0.16, 0.28, 0.34, 0.43
GROWTH_UNTIL = 0.7
#: Harmonics of the swept sine that the strongest component is taken for.
_HARMONICS = (1, 2)
#: The phase drive that makes each of them the strongest, rad.
_DRIVE = {1: 0.3, 2: 1.6}
#: Frequencies between which noise is measured, Hz; the first is the burst itself.
_NOISE_HZ = ((1_500.0, 16_000.0), (300.0, 3_000.0))


def search_drum(heard: Heard, budget: BudgetView, seed: int) -> FoundVoice:
    """Find the drum that sounds as a hit.

    Args:
        heard: the hit
        budget: how long
        seed: of starts, evolution and the noise of the drum

    Returns:
        the best drum met; where the budget ends early, the best so far
    """
    space, begun = _starts(heard, budget.portion(DRAWN_UNTIL), seed)
    begun = [_swept(space, begun[0], heard, budget.portion(SWEEP_UNTIL), seed), *begun]
    error, every = AudioError(heard, space), np.arange(len(space.specs))
    objective = ResidualObjective(error.bands, every)
    descent = LevenbergMarquardt(steps=10, reuse_jacobian=True, phase="played bands")
    ends = []
    for number, cube in enumerate(begun):
        share = (number + 1) / len(begun)
        until = SWEEP_UNTIL + (DESCENT_UNTIL - SWEEP_UNTIL) * share
        ends.append(descent.minimize(objective, cube, budget.portion(until)))
    ends.sort(key=lambda each: each.loss)
    evolution = Evolution(seed, 16, 40, 0.15, tuple(each.cube for each in ends[1:]))
    ends.append(evolution.minimize(objective, ends[0].cube, budget.portion(EVOLUTION_UNTIL)))
    nearest = min(ends, key=lambda each: error.distance(each.cube))
    jumps = BlockHopping(blocks_of(space, every), seed)
    best = jumps.minimize(objective, nearest.cube, budget.portion(JUMPS_UNTIL))
    error, cube = grow(error, best.cube, budget.portion(GROWTH_UNTIL), seed)
    return refine(error, cube, budget, seed)


def _starts(heard: Heard, budget: BudgetView, seed: int) -> tuple[DrumSpace, Sequence[np.ndarray]]:
    """Return starts, best first, with weights in closed form, and the space of their level."""
    space, rng = DrumSpace(noise_seed=seed), np.random.default_rng((seed, 40))
    view = Bands(1_024, 256, 40, heard.sample_rate)
    target = view.powers(heard.samples).reshape(-1)
    measured = [_measured(space, heard, cut, part) for part in _HARMONICS for cut in CUTS_HZ]
    tried = []
    budget.begin()
    for number in range(len(measured) + DRAWN):
        if number < len(measured):
            cube = measured[number]
        else:
            cube = measured[number % len(measured)].copy()
            drawn = rng.uniform(size=len(cube)) < 0.5
            cube[drawn] = rng.uniform(0.0, 1.0, int(drawn.sum()))
        weights, left = _solved(space, cube, heard, view, target)
        tried.append((left, cube, weights))
        if number % 8 == 7:
            budget.step("starts", min(each[0] for each in tried))
            if budget.over:
                break
    tried.sort(key=lambda each: each[0])
    best = tried[:REFINED]
    level = ROOM * max(float(weights.max()) for _, _, weights in best) + 1e-9
    space = DrumSpace(noise_seed=seed, level=level)
    for _, cube, weights in best:
        cube[space.weights] = np.clip(weights / level, 1e-3, 1.0)
    return space, [cube for _, cube, _ in best]


def _swept(
    space: DrumSpace, cube: np.ndarray, heard: Heard, budget: BudgetView, seed: int
) -> np.ndarray:
    """Return a cube with the sweep and the click that explain most of the waveform."""
    own, found = by_waveform(heard, space.level, budget, seed)
    moved = cube.copy()
    moved[space.indices(*own.names)] = found
    return moved


def _measured(space: DrumSpace, heard: Heard, cut_hz: float, harmonic: int) -> np.ndarray:
    """Return the cube of what is measured, with weights of its defaults.

    Args:
        space: the coordinates
        heard: the hit
        cut_hz: the sweep is measured below this frequency
        harmonic: of the swept sine, which what is measured there is taken for
    """
    samples, rate = heard.samples, heard.sample_rate
    highest = 0.4 * rate
    sweep = measured_sweep(samples, rate, cut_hz)
    for name in ("start_frequency_hz", "end_frequency_hz"):
        sweep[name] /= harmonic
    sweep["phase_drive"] = _DRIVE[harmonic]
    values = {("swept_sine", 0): sweep}
    for number, (low, high) in enumerate(_NOISE_HZ):
        values["noise_burst", number] = measured_noise(samples, rate, low, min(high, highest))
    cube, specs = space.start(), dict(zip(space.names, space.specs, strict=True))
    for each, controls in values.items():
        for name, value in controls.items():
            full = f"{label(*each)}.{name}"
            spec = specs[full]
            within = min(max(value, spec.low), spec.high)
            cube[space.indices(full)] = spec.normalize(within)
    return cube


def _solved(
    space: DrumSpace, cube: np.ndarray, heard: Heard, view: Bands, target: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return amplitudes of the sources (sources,) whose band powers fit best, and what is left.

    Source:
        Lawson and Hanson's non-negative least squares on powers relative to those of the recording
    """
    from scipy.optimize import nnls

    rows = []
    for index in space.weights:
        alone = cube.copy()
        alone[space.weights] = 0.0
        alone[index] = 1.0
        played = space.play(np, alone, heard.notes, heard.sample_rate, len(heard.samples))
        rows.append(view.powers(played).reshape(-1))
    powers, wanted = relative(np.stack(rows, axis=1), target)
    norms = np.linalg.norm(powers, axis=0) + 1e-30
    found, left = nnls(powers / norms, wanted)
    return np.sqrt(found / norms), float(left)
