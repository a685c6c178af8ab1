"""The search for a voice: closed form, second-order steps, evolution, Adam, in this order."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.gradient import Adam
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.analytic_bands import AnalyticBands, analytic_bands
from fxchain.synth.search.audio_error import AudioError, SpectralError
from fxchain.synth.search.elimination import eliminate
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.hopping import BlockHopping, blocks_of
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.space import SILENT, Space
from fxchain.synth.search.vibrato_start import measured_vibrato
from fxchain.synth.search.weights import solved_weights

#: Starts that are drawn, how many of the best are refined, and how many of those are played.
DRAWN, REFINED, PLAYED = 96, 6, 2
#: Shares of the budget at which the phases end.
DRAWN_UNTIL, DESCENT_UNTIL, EVOLUTION_UNTIL, ANALYTIC_UNTIL = 0.08, 0.16, 0.22, 0.35
BANDS_UNTIL, WAVEFORM_UNTIL, JUMPS_UNTIL, ADAM_UNTIL = 0.42, 0.52, 0.72, 0.79
ELIMINATION_UNTIL, LAST_UNTIL = 0.9, 0.98
#: Below this error-to-signal ratio the phases are locked, and the waveform is compared.
LOCKED_ESR = 0.7

_VIBRATO = ("vibrato_rate_hz", "vibrato_depth_cents")


@dataclass(frozen=True, eq=False)
class FoundVoice:
    """Where a search ended.

    Attributes:
        space: the coordinates, with the sources that are heard
        cube: (coordinates,)
        band_error_db: root mean square of the differences of band powers
        esr: error-to-signal ratio of the fitted stretch
    """

    space: Space
    cube: np.ndarray
    band_error_db: float
    esr: float


def search_voice(heard: Heard, budget: BudgetView, seed: int) -> FoundVoice:
    """Find the voice that plays a stretch of a recording.

    Args:
        heard: the stretch and its notes
        budget: how long
        seed: of starts, evolution and the noise of the voice

    Returns:
        the best voice met; where the budget ends early, the best so far
    """
    analytic = analytic_bands(heard)
    space, begun = starts(heard, analytic, budget.portion(DRAWN_UNTIL), seed)
    cubes = _analytic(space, analytic, begun, budget, seed)
    error = AudioError(heard, space)
    cube = _played(error, cubes, budget)
    return refine(error, cube, budget, seed)


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
        noise_seed=seed, level=2.0 * max(float(each[2].max()) for each in tried[:REFINED])
    )
    placed_starts = []
    for _, cube, weights in tried[:REFINED]:
        cube[space.weights] = np.clip(weights / space.level, 1e-3, 1.0)
        if vibrato is not None:
            place = [vibrato.rate_hz, vibrato.depth_cents]
            for index, value in zip(space.indices(*_VIBRATO), place, strict=True):
                cube[index] = space.specs[index].normalize(value)
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
    for number, cube in enumerate(starts):
        share = (number + 1) / len(starts)
        until = DRAWN_UNTIL + (DESCENT_UNTIL - DRAWN_UNTIL) * share
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


def refine(error: AudioError, cube: np.ndarray, budget: BudgetView, seed: int) -> FoundVoice:
    """Descend from a voice by waveform, STFT and bands, and leave silent sources out.

    Args:
        error: of what is played
        cube: where to begin
        budget: its phases end at the shares above
        seed: of the jumps
    """
    best = _Best(error, cube)
    best.offer(_waveform(error, cube, budget.portion(WAVEFORM_UNTIL)))
    objective = _objective(error, best.cube)
    jumps = BlockHopping(blocks_of(error.space, objective.moved), seed, draws=12)
    best.offer(jumps.minimize(objective, best.cube, budget.portion(JUMPS_UNTIL)).cube)
    if error.effects is None:
        spectral = SpectralError(error, np.arange(len(error.space.specs)))
        adam = Adam(steps=60, rate=0.01, phase="spectra")
        best.offer(adam.minimize(spectral, best.cube, budget.portion(ADAM_UNTIL)).cube)
    space, cube = _heard_sources(error.space, best.cube)
    error = AudioError(error.heard, space, error.effects)
    part = budget.portion(ELIMINATION_UNTIL)
    error, cube = eliminate(error, cube, part, error.esr(cube) < LOCKED_ESR)
    space, best = error.space, _Best(error, cube)
    last = LevenbergMarquardt(30, tolerance=5e-4, reuse_jacobian=True, phase="last steps")
    objective = _objective(error, cube)
    best.offer(last.minimize(objective, cube, budget.portion(LAST_UNTIL)).cube)
    cube = best.cube
    if len(space.of_noise):
        noise = ResidualObjective(error.pooled_bands, space.of_noise)
        cube = LevenbergMarquardt(steps=6, phase="noise").minimize(noise, cube, budget).cube
    error_db = float(np.sqrt(np.square(error.bands(cube)).sum()))
    return FoundVoice(space, cube, error_db, error.esr(cube))


class _Best:
    """The best cube: by the waveform where the phases are locked, else by band powers."""

    def __init__(self, error: AudioError, cube: np.ndarray) -> None:
        self._error, self.cube = error, cube

    def offer(self, cube: np.ndarray) -> None:
        """Take a cube where it is better."""
        before, now = self._error.esr(self.cube), self._error.esr(cube)
        if min(before, now) >= LOCKED_ESR:
            pair = np.stack([self.cube, cube])
            before, now = ResidualObjective(self._error.bands, np.array([])).losses(pair)
        if now < before:
            self.cube = cube


def _objective(error: AudioError, cube: np.ndarray) -> ResidualObjective:
    """Return the waveform where the phases are locked at a cube, else the bands.

    In the waveform the weight of the noise is left as it is: another draw of it would be driven
    to 0.
    """
    every = np.arange(len(error.space.specs))
    if error.esr(cube) < LOCKED_ESR:
        return ResidualObjective(error.waveform, np.setdiff1d(every, error.space.of_noise))
    return ResidualObjective(error.bands, every)


def _waveform(error: AudioError, cube: np.ndarray, budget: BudgetView) -> np.ndarray:
    """Return a cube after second-order steps on the waveform, where the phases are locked."""
    if error.esr(cube) >= LOCKED_ESR:
        return cube
    descent = LevenbergMarquardt(20, reuse_jacobian=True, phase="waveform")
    return descent.minimize(_objective(error, cube), cube, budget).cube


def load() -> None:
    """Load what the search needs, so that it does not count as time of the search."""
    for name in ("nevergrad", "scipy.optimize"):
        importlib.import_module(name)


def _heard_sources(space: Space, cube: np.ndarray) -> tuple[Space, np.ndarray]:
    """Return space and cube without sources that are silent beside the others."""
    weights = cube[space.weights]
    return space.without(cube, [bool(each > SILENT * weights.max()) for each in weights])
