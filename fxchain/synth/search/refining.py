"""Descends from a voice that is about right, and leaves out what is not needed."""

from dataclasses import dataclass, replace

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.gradient import Adam
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.audio_error import AudioError, SpectralError
from fxchain.synth.search.elimination import eliminate
from fxchain.synth.search.hopping import BlockHopping, blocks_of
from fxchain.synth.search.joint import Joint, by_averaged_bands_and_waveform, by_distance
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments
from fxchain.synth.search.space import SILENT, Space
from fxchain.synth.search.waveform_objective import waveform_objective
from fxchain.synth.search.waveform_start import EXPLAINED, solved_anew

#: Shares of the budget at which the phases end.
DESCENT_UNTIL, JUMPS_UNTIL, ADAM_UNTIL = 0.73, 0.81, 0.85
ELIMINATION_UNTIL, WAVEFORM_UNTIL, LAST_UNTIL = 0.91, 0.94, 0.98
#: At this error-to-signal ratio nothing is left to jump for (−80 dB).
EXPLAINED_ESR = 1e-8
#: Steps by the waveform at moments, and of those after a jump.
QUICK_STEPS, JUMP_STEPS = 150, 25
#: Levels of noise that are tried, positions in the cube.
NOISE_POSITIONS = (0.0, 0.03, 0.1, 0.2, 0.4, 0.7)


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


def refine(error: AudioError, cube: np.ndarray, budget: BudgetView, seed: int) -> FoundVoice:
    """Descend from a voice by waveform, STFT and bands, and leave silent sources out.

    Args:
        error: of what is played
        cube: where to begin
        budget: its phases end at the shares above
        seed: of the jumps
    """
    best = _Best(error, cube)
    for begun in solved_anew(waveform_objective(error), cube):
        best.offer(_waveform(error, begun, budget.portion(DESCENT_UNTIL)))
        if budget.over:
            break
    if error.space.direct and _noisy(error, best.cube) and error.esr(best.cube) > EXPLAINED:
        until = 0.5 * (budget.used + JUMPS_UNTIL)
        best.offer(_with_noise_and_waveform(error, best.cube, budget.portion(until)))
    if error.esr(best.cube) > EXPLAINED_ESR:
        best.offer(_jumped(error, best.cube, budget.portion(JUMPS_UNTIL), seed))
    if error.space.direct and not error.locked(best.cube):
        spectral = SpectralError(error, np.arange(len(error.space.specs)))
        adam = Adam(steps=60, rate=0.01, phase="spectra")
        best.offer(adam.minimize(spectral, best.cube, budget.portion(ADAM_UNTIL)).cube)
    cube = best.cube
    if error.space.harmonic:  # by the waveform the noise is silent
        cube = with_noise(error, cube, budget.portion(ELIMINATION_UNTIL))
    space, cube = _heard_sources(error.space, cube)
    error = replace(error, space=space)
    part = budget.portion(ELIMINATION_UNTIL)
    error, cube = eliminate(error, cube, part, error.locked(cube))
    return compared(error, _last(error, cube, budget))


def compared(error: AudioError, cube: np.ndarray) -> FoundVoice:
    """Return a voice with its errors."""
    error_db = float(np.sqrt(np.square(error.bands(cube)).sum()))
    return FoundVoice(error.space, cube, error_db, error.esr(cube))


def _jumped(error: AudioError, cube: np.ndarray, budget: BudgetView, seed: int) -> np.ndarray:
    """Return a cube after jumps of one block of knobs after the other."""
    objective = _objective(error, cube)
    blocks = blocks_of(error.space, objective.jacobian_indices())
    jumps = BlockHopping(blocks, seed, draws=12)
    if isinstance(objective, Moments):
        descent = LevenbergMarquardt(JUMP_STEPS, reuse_jacobian=True, phase="jumps")
        jumps = BlockHopping(blocks, seed, 24, descent, enough=EXPLAINED_ESR)
    return jumps.minimize(objective, cube, budget).cube


def _last(error: AudioError, cube: np.ndarray, budget: BudgetView) -> np.ndarray:
    """Return a cube after the last steps: by the waveform where the phases are locked, and where
    there is noise in a voice, of which no more than its weight is known, by averaged bands."""
    best = _Best(error, cube)
    objective = _objective(error, cube)
    descent = _descent(objective, 30, "last steps")
    noisy = len(error.space.of_noise) > 0 and error.space.harmonic
    until = WAVEFORM_UNTIL if noisy and error.locked(cube) else LAST_UNTIL
    best.offer(descent.minimize(objective, cube, budget.portion(until)).cube)
    if not noisy:
        return best.cube
    if not error.locked(best.cube):
        return with_noise(error, best.cube, budget)
    cube = _with_noise_and_waveform(error, best.cube, budget.portion(LAST_UNTIL))
    return with_noise(error, cube, budget)


def _noisy(error: AudioError, cube: np.ndarray) -> bool:
    """Tell whether noise that averaged bands say of may be in a locked voice of harmonics."""
    return len(error.space.of_noise) > 0 and error.space.harmonic and error.locked(cube)


def _with_noise_and_waveform(error: AudioError, cube: np.ndarray, budget: BudgetView) -> np.ndarray:
    """Return a cube after steps by waveform and averaged bands together, noise first."""
    cube = with_noise(error, cube, budget)
    joint = by_averaged_bands_and_waveform(error, cube)
    return _descent(joint, 30, "noise and waveform").minimize(joint, cube, budget).cube


def with_noise(error: AudioError, cube: np.ndarray, budget: BudgetView) -> np.ndarray:
    """Return a cube with the noise that fits averaged bands best, all else as it is."""
    if not len(error.space.of_noise):
        return cube
    noise = ResidualObjective(error.pooled_bands, error.space.of_noise)
    tried = np.repeat(cube[None], 1 + len(NOISE_POSITIONS), axis=0)
    tried[1:, error.space.of_noise] = np.array(NOISE_POSITIONS)[:, None]
    start = tried[int(np.argmin(noise.losses(tried)))]
    return LevenbergMarquardt(steps=6, phase="noise").minimize(noise, start, budget).cube


class _Best:
    """The best cube, by bands and waveform together."""

    def __init__(self, error: AudioError, cube: np.ndarray) -> None:
        self._error, self.cube, self._distance = error, cube, error.distance(cube)

    def offer(self, cube: np.ndarray) -> None:
        """Take a cube where it is better."""
        distance = self._error.distance(cube)
        if distance < self._distance:
            self.cube, self._distance = cube, distance


def _objective(error: AudioError, cube: np.ndarray) -> ResidualObjective | Moments | Joint:
    """Return the waveform where the phases are locked at a cube, that of a drum with its bands,
    else the bands."""
    if not error.locked(cube):
        return ResidualObjective(error.bands, np.arange(len(error.space.specs)))
    return waveform_objective(error) if error.space.harmonic else by_distance(error, cube)


def _waveform(error: AudioError, cube: np.ndarray, budget: BudgetView) -> np.ndarray:
    """Return a cube after second-order steps on the waveform, where the phases are locked."""
    if not error.locked(cube):
        return cube
    objective = waveform_objective(error)
    return _descent(objective, 30, "waveform").minimize(objective, cube, budget).cube


def _descent(
    objective: ResidualObjective | Moments | Joint, steps: int, phase: str
) -> LevenbergMarquardt:
    """Return second-order steps, more and to a closer end where they are quick."""
    if isinstance(objective, Moments):
        return LevenbergMarquardt(QUICK_STEPS, tolerance=1e-4, patience=8, phase=phase)
    return LevenbergMarquardt(steps, tolerance=5e-4, reuse_jacobian=True, phase=phase)


def _heard_sources(space: Space, cube: np.ndarray) -> tuple[Space, np.ndarray]:
    """Return space and cube without sources that are silent beside the others."""
    weights = cube[space.weights]
    return space.without(cube, [bool(each > SILENT * weights.max()) for each in weights])
