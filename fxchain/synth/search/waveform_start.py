"""Starts from which the waveform itself is descended, where sources begin with their notes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fxchain.optim.base import Minimum
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.synth.search.heard import Heard
from fxchain.synth.search.moments import Moments, drawn_moments
from fxchain.synth.search.space import Space
from fxchain.synth.search.vibrato_start import measured_vibrato, set_vibrato
from fxchain.synth.voice.oscillator import Oscillator

#: Moments that are compared.
MOMENTS = 1_200
#: Draws of a round, their steps; how many of the best go on, and their steps; those of the last.
DRAWN, SHORT, KEPT, LONGER, LAST = 16, 5, 4, 12, 60
#: At this share of the power of the recording it is explained (−50 dB).
EXPLAINED = 1e-5
#: Where a round of starts leaves more, the sources do not begin with their notes.
UNLOCKED = 0.95
#: Positions of each control of a source that the dictionary holds, and of a whole ratio.
POSITIONS, RATIOS = (0.05, 0.25, 0.5, 0.75, 0.95), (0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0)
#: The least position of a weight at a start, so that a source can grow.
LEAST_WEIGHT = 1e-3


@dataclass(frozen=True)
class Dictionary:
    """All sources with their own controls on a grid.

    Attributes:
        space: the coordinates
        kinds: number of the source of each entry, (entries,)
        cubes: positions of the controls of that source, from its weight on, one array an entry
        sources: what plays each entry
    """

    space: Space
    kinds: np.ndarray
    cubes: tuple[np.ndarray, ...]
    sources: tuple[Oscillator, ...]

    @classmethod
    def of(cls, space: Space) -> "Dictionary":
        """Return that of a space."""
        kinds, cubes, sources = [], [], []
        for number, ((kind, _), first) in enumerate(zip(space.sources, space.weights, strict=True)):
            if space.kinds[kind].noisy:
                continue
            specs = space.kinds[kind].parameters
            grids = [RATIOS if spec.name == "ratio" else POSITIONS for spec in specs]
            for own in map(np.array, itertools.product(*grids)):
                cube = space.start()
                cube[first + 1 : first + 1 + len(specs)] = own
                kinds.append(number)
                cubes.append(own)
                sources.append(space.voice(cube).oscillators[number])
        return cls(space, np.array(kinds), tuple(cubes), tuple(sources))

    def of_ratio(self, ratio: float) -> "Dictionary":
        """Return the entries of one whole ratio, and all of sources without one."""
        specs = [self.space.kinds[kind].parameters for kind, _ in self.space.sources]
        names = [[spec.name for spec in each] for each in specs]
        kept = [
            "ratio" not in names[kind] or cube[names[kind].index("ratio")] == ratio
            for kind, cube in zip(self.kinds, self.cubes, strict=True)
        ]
        cubes = tuple(itertools.compress(self.cubes, kept))
        sources = tuple(itertools.compress(self.sources, kept))
        return replace(self, kinds=self.kinds[kept], cubes=cubes, sources=sources)

    def placed(self, moments: Moments, cube: np.ndarray) -> np.ndarray:
        """Return a cube with the sources that explain a recording best behind its controls.

        Of each kind the entry that explains most in a non-negative sum is taken, and the weights
        are solved once more with these alone.
        """
        from scipy.optimize import nnls

        if not self.sources:
            return cube
        columns = moments.columns(cube, self.sources)
        weights, _ = nnls(*_smaller(columns, moments.target))
        powers = weights**2 * np.square(columns).sum(axis=0)
        best = [
            max(np.flatnonzero(self.kinds == kind), key=lambda entry: float(powers[entry]))
            for kind in np.unique(self.kinds)
        ]
        weights, _ = nnls(*_smaller(columns[:, best], moments.target))
        cube = cube.copy()
        cube[self.space.weights] = 0.0
        for entry, weight in zip(best, weights, strict=True):
            first, own = self.space.weights[self.kinds[entry]], self.cubes[entry]
            cube[first] = np.clip(weight / self.space.level, LEAST_WEIGHT, 1.0)
            cube[first + 1 : first + 1 + len(own)] = own
        return cube


def solved_anew(objective: object, cube: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a cube, then, where the waveform is known at moments, the cube with sources solved in
    closed form behind its controls: they may have to move far. Noise stays as it is: moments say
    nothing of it.

    Args:
        objective: what is descended
        cube: the voice
    """
    yield cube
    if isinstance(objective, Moments):
        placed = Dictionary.of(objective.space).placed(objective, cube)
        noise = objective.space.of_noise
        placed[noise] = cube[noise]
        yield placed


def _smaller(columns: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return least squares of few rows with the same solution."""
    orthogonal, upper = np.linalg.qr(columns)
    return upper, orthogonal.T @ target


def by_waveform(
    heard: Heard, space: Space, budget: BudgetView, seed: int
) -> tuple[np.ndarray, float]:
    """Return the best cube met by the waveform alone, and the share of the power it leaves.

    Rounds of starts: random controls with sources in closed form, a few second-order steps from
    each, more from the best of these, and many from the best of those.

    Args:
        heard: the recording and its notes
        space: the coordinates
        budget: how long; it ends earlier where the recording is explained
        seed: of starts and moments

    Source:
        Karnin, Koren and Somekh 2013 (sequential halving)
    """
    rng = np.random.default_rng((seed, 32))
    moments = Moments(heard, space, drawn_moments(heard, MOMENTS, rng))
    drawn = _drawn(space, Dictionary.of(space), moments, rng)
    best = Minimum(space.start(), np.inf)
    while not budget.over and best.loss > EXPLAINED:
        ends: list[Minimum] = []
        for count, steps in ((DRAWN, SHORT), (KEPT, LONGER), (1, LAST)):
            cubes = [end.cube for end in sorted(ends, key=lambda end: end.loss)[:count]]
            descent = LevenbergMarquardt(steps, reuse_jacobian=True, phase="waveform starts")
            ends = []
            for cube in cubes or (next(drawn) for _ in range(count)):
                ends.append(descent.minimize(moments, cube, budget))
                if budget.over:
                    break
        best = min([best, *ends], key=lambda end: end.loss)
        if best.loss > UNLOCKED:
            break
    return best.cube, best.loss


def _drawn(
    space: Space, dictionary: Dictionary, moments: Moments, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Draw controls, without unison in every other one, and solve the sources behind them: all
    ratios in turn with one alone, which no step can turn."""
    vibrato = measured_vibrato(moments.heard)
    ratios = [each for ratio in RATIOS for each in (dictionary, dictionary.of_ratio(ratio))]
    while True:
        for entries, mixed in itertools.product(ratios, (0.0, 1.0)):
            cube = rng.uniform(0.05, 0.95, len(space.specs))
            cube[space.indices("unison_mix")] *= mixed
            set_vibrato(space, cube, vibrato)
            yield entries.placed(moments, cube)
