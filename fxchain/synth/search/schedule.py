"""The search for a voice: closed form, second-order steps, evolution, Adam, in this order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.evolution import Evolution
from fxchain.optim.gradient import Adam
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.analytic_bands import AnalyticBands, analytic_bands
from fxchain.synth.search.audio_error import AudioError, SpectralError
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.space import SILENT, Space
from fxchain.synth.search.vibrato_start import measured_vibrato
from fxchain.synth.search.weights import solved_weights

#: Starts that are drawn, how many of the best are refined, and how many of those are played.
DRAWN, REFINED, PLAYED = 96, 6, 2
#: Shares of the budget at which the phases end.
DRAWN_UNTIL, ANALYTIC_UNTIL, BANDS_UNTIL, WAVEFORM_UNTIL, ADAM_UNTIL = 0.1, 0.3, 0.5, 0.65, 0.8
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
    space, starts = _starts(heard, analytic, budget.portion(DRAWN_UNTIL), seed)
    cubes = _analytic(space, analytic, starts, budget.portion(ANALYTIC_UNTIL), seed)
    error = AudioError(heard, space)
    cube = _played(error, cubes, budget)
    return refine(error, cube, budget)


def _starts(
    heard: Heard, analytic: AnalyticBands, budget: BudgetView, seed: int
) -> tuple[Space, list[np.ndarray]]:
    """Return starts, best first, with weights in closed form, and the space of their level."""
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
    starts = []
    for _, cube, weights in tried[:REFINED]:
        cube[space.weights] = np.clip(weights / space.level, 1e-3, 1.0)
        if vibrato is not None:
            place = [vibrato.rate_hz, vibrato.depth_cents]
            for index, value in zip(space.indices(*_VIBRATO), place, strict=True):
                cube[index] = space.specs[index].normalize(value)
        starts.append(cube)
    return space, starts


def _analytic(
    space: Space,
    analytic: AnalyticBands,
    starts: Sequence[np.ndarray],
    budget: BudgetView,
    seed: int,
) -> list[np.ndarray]:
    """Return the best cubes by predicted band powers, best first: second order and evolution."""
    moved = np.setdiff1d(np.arange(len(space.specs)), space.indices(*_VIBRATO))
    objective = ResidualObjective(lambda cube: analytic.residual(space.voice(cube)), moved)
    descent = LevenbergMarquardt(steps=25, phase="predicted bands")
    ends = []
    for number, cube in enumerate(starts):
        part = budget.portion(0.6 * (number + 1) / len(starts))
        ends.append(descent.minimize(objective, cube, part))
    ends.sort(key=lambda each: each.loss)
    suggestions = tuple(each.cube for each in ends[1:])
    jump = Evolution(seed, 16, 30, 0.2, suggestions, "evolution")
    evolved = jump.minimize(objective, ends[0].cube, budget.portion(0.85))
    ends.append(descent.minimize(objective, evolved.cube, budget))
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


def refine(error: AudioError, cube: np.ndarray, budget: BudgetView) -> FoundVoice:
    """Descend from a voice by waveform, STFT and bands, and leave silent sources out.

    Args:
        error: of what is played
        cube: where to begin
        budget: its phases end at the shares above
    """
    best = _Best(error, cube)
    best.offer(_waveform(error, cube, budget.portion(WAVEFORM_UNTIL)))
    if error.effects is None:
        moved = np.arange(len(error.space.specs))
        adam = Adam(steps=60, rate=0.01, phase="spectra")
        spectral = SpectralError(error, moved)
        best.offer(adam.minimize(spectral, best.cube, budget.portion(ADAM_UNTIL)).cube)
    space, cube = _heard_sources(error.space, best.cube)
    error = AudioError(error.heard, space, error.effects)
    best = _Best(error, cube)
    best.offer(_waveform(error, cube, budget.portion(0.93)))
    bands = ResidualObjective(error.bands, np.arange(len(space.specs)))
    last = LevenbergMarquardt(steps=6, reuse_jacobian=True, phase="played bands")
    if error.esr(best.cube) >= LOCKED_ESR:
        best.offer(last.minimize(bands, best.cube, budget.portion(0.97)).cube)
    cube = best.cube
    if len(space.of_noise):
        noise = ResidualObjective(error.pooled_bands, space.of_noise)
        cube = LevenbergMarquardt(steps=6, phase="noise").minimize(noise, cube, budget).cube
    error_db = float(np.sqrt(np.square(error.bands(cube)).sum()))
    return FoundVoice(space, cube, error_db, error.esr(cube))


class _Best:
    """The best cube by the band powers of what is played."""

    def __init__(self, error: AudioError, cube: np.ndarray) -> None:
        self._loss: Callable[[np.ndarray], float] = lambda at: float(
            np.square(error.bands(at)).sum()
        )
        self.cube, self.loss = cube, self._loss(cube)

    def offer(self, cube: np.ndarray) -> None:
        """Take a cube where it is better."""
        loss = self._loss(cube)
        if loss < self.loss:
            self.cube, self.loss = cube, loss


def _waveform(error: AudioError, cube: np.ndarray, budget: BudgetView) -> np.ndarray:
    """Return a cube after second-order steps on the waveform, where the phases are locked.

    The weight of the noise is left as it is: another draw of it would be driven to 0.
    """
    if error.esr(cube) >= LOCKED_ESR:
        return cube
    space = error.space
    moved = np.setdiff1d(np.arange(len(space.specs)), space.of_noise)
    objective = ResidualObjective(error.waveform, moved)
    descent = LevenbergMarquardt(steps=12, reuse_jacobian=True, phase="waveform")
    return descent.minimize(objective, cube, budget).cube


def _heard_sources(space: Space, cube: np.ndarray) -> tuple[Space, np.ndarray]:
    """Return space and cube without sources that are silent beside the others."""
    weights = cube[space.weights]
    return space.without(cube, [bool(each > SILENT * weights.max()) for each in weights])
