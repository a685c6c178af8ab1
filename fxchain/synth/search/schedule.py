"""The search for a voice: by its waveform, by predicted and played bands, then refined."""

import importlib
from collections.abc import Sequence

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.analytic_bands import AnalyticBands, analytic_bands
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.hopping import BlockHopping, blocks_of
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.measured_cycle import measured_by_bands, measured_by_waveform
from fxchain.synth.search.moments import Moments, drawn_moments
from fxchain.synth.search.refining import FoundVoice, refine, with_noise
from fxchain.synth.search.space import ROOM, Space
from fxchain.synth.search.vibrato_start import measured_vibrato, set_vibrato
from fxchain.synth.search.waveform_start import EXPLAINED, MOMENTS, UNLOCKED, by_waveform
from fxchain.synth.search.weights import solved_weights

#: Starts that are drawn, how many of the best are refined, and how many of those are played.
DRAWN, REFINED, PLAYED = 96, 6, 2
#: Shares of the budget at which the phases before `refine` end.
DRAWN_UNTIL, WAVEFORM_UNTIL, CYCLE_UNTIL = 0.05, 0.35, 0.42
DESCENT_UNTIL, EVOLUTION_UNTIL, ANALYTIC_UNTIL, BANDS_UNTIL = 0.48, 0.52, 0.58, 0.62
BAND_CYCLE_UNTIL = 0.68
#: Where the waveform is explained up to this share of its power, the bands are not asked.
CLEAR = 0.1

_VIBRATO = ("vibrato_rate_hz", "vibrato_depth_cents")


def search_voice(heard: Heard, budget: BudgetView, seed: int, measured: bool = True) -> FoundVoice:
    """Find the voice that plays a stretch of a recording.

    Args:
        heard: the stretch and its notes
        budget: how long
        seed: of starts, evolution and the noise of the voice
        measured: a wave is measured where the recording is no sum of known ones

    Returns:
        the best voice met; where the budget ends early, the best so far
    """
    analytic = analytic_bands(heard)
    space, begun = starts(heard, analytic, budget.portion(DRAWN_UNTIL), seed)
    cube, loss = by_waveform(heard, space, budget.portion(WAVEFORM_UNTIL), seed)
    voices: list[tuple[Space, np.ndarray]] = []
    if measured and EXPLAINED < loss <= UNLOCKED:
        rng = np.random.default_rng((seed, 35))
        moments = Moments(heard, space, drawn_moments(heard, MOMENTS, rng))
        part = budget.portion(CYCLE_UNTIL)
        wave, named = measured_by_waveform(moments, cube, part)
        cube, loss = named.cube, named.loss
        if wave is not None:
            voices, loss = [(wave.space, wave.cube)], wave.left_out
    if loss > CLEAR:
        cube = _by_bands(AudioError(heard, space), analytic, begun, cube, (budget, seed))
        part = budget.portion(BAND_CYCLE_UNTIL)
        wave = measured_by_bands(analytic, space, cube, part) if measured else None
        voices.append((space, cube) if wave is None else (wave.space, wave.cube))
    error, cube = _nearest(heard, voices or [(space, cube)], budget)
    return refine(error, cube, budget, seed)


def _nearest(
    heard: Heard, voices: Sequence[tuple[Space, np.ndarray]], budget: BudgetView
) -> tuple[AudioError, np.ndarray]:
    """Return the voice that is nearest where it is played, of several with the noise that fits
    best: a waveform says nothing of it."""
    found = []
    for space, cube in voices:
        error = AudioError(heard, space)
        if len(voices) > 1:
            cube = with_noise(error, cube, budget.portion(BAND_CYCLE_UNTIL))
        found.append((error, cube))
    return min(found, key=lambda each: each[0].distance(each[1]))


def _by_bands(
    error: AudioError,
    analytic: AnalyticBands,
    begun: Sequence[np.ndarray],
    cube: np.ndarray,
    running: tuple[BudgetView, int],
) -> np.ndarray:
    """Return the nearer of two cubes, by bands from some starts and by the waveform."""
    budget, seed = running
    other = _played(error, _analytic(error.space, analytic, begun, budget, seed), budget)
    mine = with_noise(error, cube, budget.portion(BANDS_UNTIL))
    return min((mine, other), key=error.distance)


def starts(
    heard: Heard, analytic: AnalyticBands, budget: BudgetView, seed: int
) -> tuple[Space, list[np.ndarray]]:
    """Return starts, best first, with weights in closed form, and the space of their level.

    Args:
        heard: the recording and its notes
        analytic: the prediction of its bands
        budget: how long it draws; eight starts at least
        seed: of the draws and of the noise of the voices
    """
    rng = np.random.default_rng((seed, 30))
    space, vibrato = Space(noise_seed=seed), measured_vibrato(heard)
    tried: list[tuple[float, np.ndarray, np.ndarray]] = []
    budget.begin()
    for number in range(DRAWN):
        cube = space.start() if number == 0 else rng.uniform(0.0, 1.0, len(space.specs))
        cube[space.indices("unison_mix", "vibrato_depth_cents")] = 0.0
        weights = solved_weights(space, analytic, cube)
        level = max(float(weights.max()), 1e-9)
        there, placed = space.louder(cube, level)
        placed[space.weights] = weights / level
        loss = float(np.square(analytic.residual(there.voice(placed))).sum())
        tried.append((loss, placed, weights))
        if number % 8 == 7:
            budget.step("starts", min(each[0] for each in tried))
            if budget.over:
                break
    tried.sort(key=lambda each: each[0])
    space = Space(
        noise_seed=seed, level=ROOM * max(float(each[2].max()) for each in tried[:REFINED])
    )
    placed_starts = []
    for _, cube, weights in tried[:REFINED]:
        cube[space.weights] = np.clip(weights / space.level, 1e-3, 1.0)
        if vibrato is not None:
            set_vibrato(space, cube, vibrato)
        placed_starts.append(cube)
    return space, placed_starts


def _analytic(
    space: Space,
    analytic: AnalyticBands,
    starts: Sequence[np.ndarray],
    budget: BudgetView,
    seed: int,
) -> list[np.ndarray]:
    """Return the best cubes by predicted band powers, best first.

    Second-order steps from each start, evolution from their ends, then jumps.
    """
    moved = np.setdiff1d(np.arange(len(space.specs)), space.indices(*_VIBRATO))
    objective = ResidualObjective(lambda cube: analytic.residual(space.voice(cube)), moved)
    descent = LevenbergMarquardt(steps=12, phase="predicted bands")
    ends = []
    used = budget.used
    for number, cube in enumerate(starts):
        share = (number + 1) / len(starts)
        until = used + (DESCENT_UNTIL - used) * share
        ends.append(descent.minimize(objective, cube, budget.portion(until)))
    ends.sort(key=lambda each: each.loss)
    suggestions = tuple(each.cube for each in ends[1:])
    evolution = Evolution(seed, 16, 30, 0.2, suggestions)
    ends.append(evolution.minimize(objective, ends[0].cube, budget.portion(EVOLUTION_UNTIL)))
    ends.sort(key=lambda each: each.loss)
    jumps = BlockHopping(blocks_of(space, moved), seed)
    ends.append(jumps.minimize(objective, ends[0].cube, budget.portion(ANALYTIC_UNTIL)))
    ends.sort(key=lambda each: each.loss)
    return [each.cube for each in ends[:PLAYED]]


def _played(error: AudioError, cubes: Sequence[np.ndarray], budget: BudgetView) -> np.ndarray:
    """Return the best of some cubes after a few second-order steps on what is played."""
    every = np.arange(len(error.space.specs))
    objective = ResidualObjective(error.bands, every)
    ends = []
    for number, cube in enumerate(cubes):
        until = ANALYTIC_UNTIL + (BANDS_UNTIL - ANALYTIC_UNTIL) * (number + 1) / len(cubes)
        descent = LevenbergMarquardt(steps=8, reuse_jacobian=True, phase="played bands")
        ends.append(descent.minimize(objective, cube, budget.portion(until)))
    return min(ends, key=lambda each: each.loss).cube


def load() -> None:
    """Load what the search needs, so that it does not count as time of the search."""
    for name in ("nevergrad", "scipy.optimize"):
        importlib.import_module(name)
