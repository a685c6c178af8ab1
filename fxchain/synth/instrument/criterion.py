"""By what a voice and the effects behind it are fitted, and how far they are from a recording."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fxchain.synth.instrument.space import InstrumentSpace
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.waveform_start import EXPLAINED

#: A time is moved by at most so many samples at once.
FARTHEST = 16
#: Of powers that differ by d dB, d² times this is what a sample loses of twice its log-likelihood.
PER_DB2 = 0.5 * (np.log(10.0) / 10.0) ** 2


@dataclass(frozen=True)
class Term:
    """A sum of squares.

    Attributes:
        function: residuals of an error at a cube
        count: of the residuals
        weight: of their squares
    """

    function: Callable[[AudioError, np.ndarray], np.ndarray]
    count: int
    weight: float


@dataclass(frozen=True)
class Criterion:
    """Twice the negative log-likelihood of a sample, to second order, as a sum of sums of squares.

    Attributes:
        terms: what they are

    Source:
        the concentrated likelihood of normal errors of unknown variance, n/2 · ln ‖r‖², and that of
        the powers of normal noise, Whittle 1953: ln s + p/s, which is 1 + ln p + (ln s/p)²/2 to
        second order
    """

    terms: tuple[Term, ...]

    @classmethod
    def of(cls, error: AudioError, cube: np.ndarray) -> "Criterion":
        """Return what decides about voice and effects that are at a cube.

        Where the phases are locked, the waveform, and where there is noise, of which only averaged
        powers can be known, these; else the bands.
        """
        functions = [AudioError.waveform] if error.locked(cube) else []
        if len(error.space.of_noise):
            functions.append(AudioError.pooled_bands)
        terms = []
        for function in functions or [AudioError.bands]:
            residual, weight = function(error, cube), PER_DB2
            if function is AudioError.waveform:
                weight = 1.0 / max(float(np.square(residual).sum()), EXPLAINED)
            terms.append(Term(function, len(residual), weight))
        return cls(tuple(terms))

    @property
    def by_waveform(self) -> bool:
        """Tell whether the first term is the waveform."""
        return self.terms[0].function is AudioError.waveform

    def residual(self, error: AudioError, cube: np.ndarray) -> np.ndarray:
        """Return the residuals behind one another, (samples,)."""
        return np.concatenate(
            [np.sqrt(term.weight) * term.function(error, cube) for term in self.terms]
        )

    def objective(self, error: AudioError) -> ResidualObjective:
        """Return the sum over all coordinates."""
        every = np.arange(len(error.space.specs))
        return ResidualObjective(lambda cube: self.residual(error, cube), every)

    def distance(self, residual: np.ndarray) -> float:
        """Return how far a residual is, as `audible_distance`; what follows the last term belongs
        to it."""
        ends = np.cumsum([term.count for term in self.terms])[:-1]
        total = 0.0
        for term, part in zip(self.terms, np.split(residual, ends), strict=True):
            loss = float(np.square(part).sum())
            if term.function is AudioError.waveform:
                loss = float(np.log(max(loss / term.weight, EXPLAINED)))
            total += loss
        return total

    def timed(
        self, error: AudioError, cube: np.ndarray, followed: "Followed | None" = None
    ) -> AudioError:
        """Return the error with the times of effects, which are whole samples, at which the sum is
        least, each moved while others stay or follow.

        An echo that is one sample off leaves more than all other knobs together can take away, and
        no derivative tells.
        """

        def loss(error: AudioError) -> float:
            residual = self.residual(error, cube)
            residual = residual if followed is None else followed(residual)
            return float(np.square(residual).sum())

        here = loss(error)
        steps = [sign * 2**power for power in range(FARTHEST.bit_length()) for sign in (-1, 1)]
        moved = True
        while moved and isinstance(error.space, InstrumentSpace):
            moved = False
            for index in error.space.whole_samples:
                tried = [replace(error, space=error.space.later(index, step)) for step in steps]
                losses = [loss(each) for each in tried]
                best = int(np.argmin(losses))
                if losses[best] < here:
                    error, here, moved = tried[best], losses[best], True
        return error


def audible_distance(error: AudioError, cube: np.ndarray) -> float:
    """Return how far a voice is from the recording: ln of its error-to-signal ratio, which counts
    as 1 at most, as that of silence does, plus the error of averaged powers; see `Criterion`.

    Powers are averaged because those of two draws of the same noise differ by more than an effect
    behind it changes. A waveform that is explained is no nearer than another.
    """
    esr = min(max(error.esr(cube), EXPLAINED), 1.0)
    return float(np.log(esr)) + PER_DB2 * float(np.square(error.pooled_bands(cube)).sum())


@dataclass(frozen=True)
class Followed:
    """A least-squares residual whose other knobs follow to first order: r − J·s, with the damped s
    that makes it least.

    Attributes:
        jacobian: J, (samples, followers)
        damping: of s, over the diagonal of JᵀJ

    Source:
        Golub and Pereyra 1973 (variable projection), Marquardt 1963 (damping)
    """

    jacobian: np.ndarray
    damping: float = 1e-3

    @cached_property
    def _scales(self) -> np.ndarray:
        return np.sqrt(self.damping * np.square(self.jacobian).sum(axis=0) + 1e-12)

    @cached_property
    def inverse(self) -> np.ndarray:
        """Return the inverse of the damped JᵀJ."""
        hessian = self.jacobian.T @ self.jacobian
        return np.linalg.inv(hessian + np.diag(self._scales**2))

    def __call__(self, residual: np.ndarray) -> np.ndarray:
        """Return what is left of (samples,) with what the steps cost, (samples + followers,)."""
        step = self.inverse @ (self.jacobian.T @ residual)
        return np.append(residual - self.jacobian @ step, self._scales * step)
