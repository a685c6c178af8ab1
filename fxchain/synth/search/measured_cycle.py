"""Where the sum of the sources is no sum of known ones, its wave is measured."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.analytic_bands import AnalyticBands
from fxchain.synth.search.cycle_bands import cycle_of_bands, with_cycle
from fxchain.synth.search.cycle_moments import CycleMoments
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.moments import Moments
from fxchain.synth.search.space import Space
from fxchain.synth.search.waveform_start import Dictionary
from fxchain.synth.sources import SOURCES
from fxchain.synth.voice.phase import frequency_hz
from fxchain.synth.voice.spectrum import FADE_BEGIN, source_sum

#: Octaves of the wave that are tried: its period is that of the note, or two of them.
OCTAVES = (0, -1)
#: Harmonics at most.
MOST = 128
#: Rounds of solving the wave by bands and moving the controls, and their steps; steps by waveform.
ROUNDS, STEPS, WAVEFORM_STEPS = 4, 6, 40
#: Parts that are left out in turn.
FOLDS = 2

_DESCENT = LevenbergMarquardt(WAVEFORM_STEPS, reuse_jacobian=True, phase="measured wave")


@dataclass(frozen=True, eq=False)
class Measured:
    """A voice with a measured wave.

    Attributes:
        space: the coordinates: the measured source, then noise
        cube: the voice
        left_out: loss of the parts of the recording that the wave was not solved of
    """

    space: Space
    cube: np.ndarray
    left_out: float


def measured_by_waveform(
    moments: Moments, cube: np.ndarray, budget: BudgetView
) -> tuple[Measured | None, Minimum]:
    """Return a voice with a measured wave, and the voice of known sources with its controls.

    Args:
        moments: the recording and the known sources
        cube: a voice of these
        budget: how long

    Returns:
        the measured one where it is nearer in parts of the recording that its wave was not solved
        of than the known sources are in all of it, else None; the known sources, never worse than
        at the beginning
    """
    named = Minimum(cube, float(moments.losses(cube[None])[0]))
    found = []
    for octave in OCTAVES:
        space, start = _space(moments.heard, moments.space, cube, octave)
        found.append(_descended(replace(moments, space=space), start, named.loss, budget))
        if budget.over:
            break
    best = min(found, key=lambda each: each.left_out)
    space, _ = _space(moments.heard, moments.space, cube, best.space.sources[0][1])
    again = _descended(replace(moments, space=space), best.cube, best.left_out, budget)
    best = min(best, again, key=lambda each: each.left_out)
    dictionary = Dictionary.of(moments.space)
    start = dictionary.placed(moments, _controls(best, moments.space, cube))
    named = min(named, _DESCENT.minimize(moments, start, budget), key=lambda each: each.loss)
    return (best if best.left_out < named.loss else None), named


def _descended(moments: Moments, start: np.ndarray, loss: float, budget: BudgetView) -> Measured:
    """Return a voice with a measured wave after second-order steps of its controls.

    Args:
        moments: the recording and the space of the wave
        start: where to begin
        loss: about what the wave leaves
        budget: how long
    """
    objective = CycleMoments(moments, float(np.sqrt(loss / len(moments.at))))
    end = _DESCENT.minimize(objective, start, budget)
    left = _left_out_moments(objective, end.cube)
    solved = objective.solved(end.cube).cycle
    return Measured(*with_cycle(moments.space, end.cube, solved, 0.0), left)


def measured_by_bands(
    bands: AnalyticBands, space: Space, cube: np.ndarray, budget: BudgetView
) -> Measured | None:
    """Return a voice with a measured wave where it is nearer than one of known sources.

    Args:
        bands: the recording
        space: the known sources
        cube: a voice of these
        budget: how long

    Returns:
        it, where it is nearer in parts of the recording that its wave was not solved of than the
        known sources are in all of it after as many steps, else None
    """
    named = _descended_by_bands(bands, space, cube, ROUNDS * STEPS, budget).loss
    found = []
    for octave in OCTAVES:
        if budget.over:
            break
        there, placed = _space(bands.heard, space, cube, octave)
        expected = np.asarray(there.cycle)
        there, placed = cycle_of_bands(there, bands, placed, expected)
        for _ in range(ROUNDS):
            if budget.over:
                break
            placed = _descended_by_bands(bands, there, placed, STEPS, budget).cube
            there, placed = cycle_of_bands(there, bands, placed, expected)
        left = _left_out_bands(there, bands, placed, expected)
        found.append(Measured(there, placed, left))
    best = min(found, key=lambda each: each.left_out, default=None)
    return best if best is not None and best.left_out < named else None


def _descended_by_bands(
    bands: AnalyticBands, space: Space, cube: np.ndarray, steps: int, budget: BudgetView
) -> Minimum:
    """Return where second-order steps by predicted bands lead."""
    descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="measured wave")
    every = np.arange(len(cube))
    objective = ResidualObjective(lambda cube: bands.residual(space.voice(cube)), every)
    return descent.minimize(objective, cube, budget)


def _space(heard: Heard, known: Space, cube: np.ndarray, octave: int) -> tuple[Space, np.ndarray]:
    """Return the space of a measured wave, which is that of the sum of the known sources, and the
    controls of a voice of these in it.

    Its amplitudes are those of the recording, as at a level and a weight of 1.
    """
    kinds = [kind for kind, source in SOURCES.items() if source.measured or source.noisy]
    kinds.sort(key=lambda kind: SOURCES[kind].noisy)
    lowest = min(frequency_hz(note.pitch) for note in heard.notes) * 2.0**octave
    count = max(min(int(FADE_BEGIN * heard.sample_rate / lowest), MOST), 1)
    stride = 2 * 2**octave if octave >= 0 else 1
    halves = source_sum(np, known.voice(cube), stride * count)
    space = replace(
        known,
        sources=((kinds[0], octave), *((kind, 0) for kind in kinds[1:])),
        cycle=tuple(halves[stride - 1 :: stride].tolist()),
    )
    values = dict(zip(known.names, cube, strict=True))
    return space, np.array([values.get(name, 0.0) for name in space.names])


def _controls(measured: Measured, known: Space, cube: np.ndarray) -> np.ndarray:
    """Return a voice of known sources with the controls of one with a measured wave."""
    values = dict(zip(measured.space.names, measured.cube, strict=True))
    shared = {spec.name for spec in known.shared}
    pairs = zip(known.names, cube, strict=True)
    return np.array([values[name] if name in shared else own for name, own in pairs])


def _left_out_moments(objective: CycleMoments, cube: np.ndarray) -> float:
    """Return the loss of the moments of each fold with the wave of the others."""
    moments = objective.moments
    fold = _folds(moments.heard, moments.at / moments.heard.sample_rate)
    total = 0.0
    for each in range(FOLDS):
        there = replace(objective, only=fold != each)
        left = there.residual(cube)[: len(moments.at)]
        total += float(np.square(left[fold == each]).sum())
    return total


def _left_out_bands(
    space: Space, bands: AnalyticBands, cube: np.ndarray, expected: np.ndarray
) -> float:
    """Return the loss of the frames of each fold with the wave of the others."""
    frames, count = bands.target.shape
    fold = _folds(bands.heard, np.arange(frames) * bands.bands.hop / bands.heard.sample_rate)
    total = 0.0
    for each in range(FOLDS):
        there, placed = cycle_of_bands(space, bands, cube, expected, list(fold != each))
        left = bands.residual(there.voice(placed)).reshape(frames, count)
        total += float(np.square(left[fold == each]).sum())
    return total


def _folds(heard: Heard, seconds: np.ndarray) -> np.ndarray:
    """Return the part of each moment: notes in turn, or halves of a single note."""
    starts: Sequence[float] = sorted({note.start_seconds for note in heard.notes})
    if len(starts) == 1:
        end = len(heard.samples) / heard.sample_rate
        starts = [starts[0], 0.5 * (starts[0] + end)]
    return np.clip(np.searchsorted(starts, seconds, side="right") - 1, 0, None) % FOLDS
