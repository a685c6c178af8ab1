"""The error of a recurrent network on a piece of a recording, and its derivatives by weights."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from fxchain.recurrent.all_pole import ORDER
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.recording import Recording, tilted
from fxchain.recurrent.response import Response
from fxchain.recurrent.rest import Rest
from fxchain.recurrent.sensitivities import weigh

#: What lies before a piece is played too, so that the state has begun, s.
WARM_UP_SECONDS = 0.05
#: Derivatives are held of so many samples; each has a multiple of so many places, which is quicker.
BLOCK, ALIGNED = 512, 16


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a recording.

    Attributes:
        of: the recording
        begin: first sample that is compared
        end: the sample behind the last one
    """

    of: Recording
    begin: int
    end: int

    @cached_property
    def energy(self) -> float:
        """Return the energy of what is wanted, weighted."""
        wanted = self.weighted(self.of.wanted[self.begin : self.end])
        return float(np.sum(np.square(wanted, dtype=np.float64)))

    def warm_up(self, sample_rate: int) -> int:
        """Return the first sample that is played."""
        return max(self.begin - round(WARM_UP_SECONDS * sample_rate), 0)

    def weighted(self, signal: np.ndarray) -> np.ndarray:
        """Return (samples, …) as errors are weighted: what counts tilted, times its gain."""
        gain = self.of.gain[self.begin : self.end].reshape(-1, *[1] * (signal.ndim - 1))
        found: np.ndarray = tilted(signal * (gain > 0.0), self.of.tilt)
        found *= gain
        return found

    def residual(self, output: np.ndarray) -> np.ndarray:
        """Return the weighted difference (samples,) of an output from what is wanted."""
        return self.weighted(output - self.of.wanted[self.begin : self.end])

    def by_output(self, residual: np.ndarray) -> np.ndarray:
        """Return half the derivative (samples,) of the sum of squares by the output."""
        gain, tilt = self.of.gain[self.begin : self.end], np.float32(self.of.tilt)
        pulled = gain * residual
        found: np.ndarray = pulled - tilt * np.append(pulled[1:], np.float32(0.0))
        found[0] -= tilt * pulled[0]
        found *= gain > 0.0
        return found


@dataclass(frozen=True, eq=False)
class PieceError:
    """A sum of squares near some weights.

    Attributes:
        error: there
        slope: (size,), half its gradient
        hessian: (size, size), half its Gauss-Newton Hessian
    """

    error: float
    slope: np.ndarray
    hessian: np.ndarray


def error_of(
    piece: Piece,
    network: Architecture,
    weights: np.ndarray,
    rest: tuple[np.ndarray, float],
    sample_rate: int,
    response: Response | None = None,
) -> float:
    """Return the sum of squares that a network leaves on a piece.

    Args:
        piece: what is played
        network: what it is
        weights: (size,), float32
        rest: the state behind silence, and what it gives out then
        sample_rate: Hz
        response: behind the network
    """
    residual = _residual(piece, network, weights, rest, sample_rate, response)
    return float(np.sum(np.square(residual, dtype=np.float64)))


def linearized(
    piece: Piece,
    network: Architecture,
    weights: np.ndarray,
    rest: Rest,
    sample_rate: int,
    response: Response | None = None,
) -> PieceError:
    """Return the sum of squares that a network leaves on a piece, with its derivatives.

    They are summed up block by block, each of which stays in the processor's cache. The slope is
    exact: the residual is taken back to the output of the network, before the response. The Hessian
    takes the response for a filter of few coefficients with about its spectrum.
    """
    size, of, first = network.size, piece.of, piece.warm_up(sample_rate)
    silence = rest.state, rest.level
    residual = _residual(piece, network, weights, silence, sample_rate, response)
    by_output = np.zeros(piece.end - first, np.float32)
    by_output[piece.begin - first :] = piece.by_output(residual)
    if response is not None:
        by_output = response.adjoint(by_output)
    memory = 0 if response is None else ORDER
    state, slopes = rest.state.copy(), rest.slopes.copy()
    output, wide = np.empty(BLOCK, np.float32), -(-size // ALIGNED) * ALIGNED
    rows, last = np.zeros((memory + BLOCK, wide), np.float32), np.zeros(wide, np.float32)
    slope, hessian = np.zeros(size), np.zeros((size, size))
    starts = [*range(first, piece.begin, BLOCK), *range(piece.begin, piece.end, BLOCK)]
    for begin, end in pairwise([*starts, piece.end]):
        block, long = slice(begin, end), end - begin
        held = rows[memory : memory + long]
        here = held[:, :size]
        network.linearize(of.audio[block], weights, state, slopes, output[:long], here)
        here -= rest.level_slopes
        slope += by_output[begin - first : end - first] @ here
        if response is not None:
            response.spectrum.filter(rows[: memory + long])
            rows[:memory] = rows[long : long + memory]
        if begin >= piece.begin:
            heard = held if response is None else held.copy()
            if begin == piece.begin:  # before it stands the same once more
                last = heard[0] * np.float32(of.gain[begin] > 0.0)
            weigh(heard, last, of.gain[block], np.float32(of.tilt))
            hessian += heard[:, :size].T @ heard[:, :size]
    return PieceError(float(np.sum(np.square(residual, dtype=np.float64))), slope, hessian)


def _residual(
    piece: Piece,
    network: Architecture,
    weights: np.ndarray,
    rest: tuple[np.ndarray, float],
    sample_rate: int,
    response: Response | None,
) -> np.ndarray:
    """Return the weighted residual (samples,) of a piece, see `error_of`."""
    first = piece.warm_up(sample_rate)
    output = network.run_from(piece.of.audio[first : piece.end], weights, rest[0]) - rest[1]
    if response is not None:
        output = response.played(output)
    return piece.residual(output[piece.begin - first :])
