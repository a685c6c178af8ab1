"""The error of a recurrent network on a piece of a recording, and its derivatives by weights."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.recording import Recording, tilted
from fxchain.recurrent.response import Response
from fxchain.recurrent.rest import Rest
from fxchain.recurrent.sensitivities import weigh

#: What lies before a piece is played too, so that the state has begun, s.
WARM_UP_SECONDS = 0.05
#: Derivatives are held of so many samples.
BLOCK = 512


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
    first = piece.warm_up(sample_rate)
    output = network.run_from(piece.of.audio[first : piece.end], weights, rest[0]) - rest[1]
    if response is not None:
        output = response.played(output)
    residual = piece.residual(output[piece.begin - first :])
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

    They are summed up block by block, each of which stays in the processor's cache; the residual is
    one more column, so that one product of matrices has all of it. What a response needs of the
    blocks before stands before each.
    """
    size, of = network.size, piece.of
    memory, longest = (0, BLOCK) if response is None else (response.memory, response.block)
    state, slopes = rest.state.copy(), rest.slopes.copy()
    output, rows = np.empty(longest, np.float32), np.zeros((memory + longest, size + 1), np.float32)
    resting = np.append(rest.level_slopes, np.float32(rest.level))
    products, last = np.zeros((size + 1, size + 1)), np.zeros_like(resting)
    first = piece.warm_up(sample_rate)
    starts = [*range(first, piece.begin, longest), *range(piece.begin, piece.end, longest)]
    for begin, end in pairwise([*starts, piece.end]):
        block, long = slice(begin, end), end - begin
        here = rows[memory : memory + long]
        network.linearize(of.audio[block], weights, state, slopes, output[:long], here)
        here[:, size] = output[:long]
        here -= resting
        if begin >= piece.begin:
            heard = here if response is None else response.played(rows[: memory + long], memory)
            heard[:, size] -= of.wanted[block]
            if begin == piece.begin:  # before it stands the same once more
                last = heard[0] * np.float32(of.gain[begin] > 0.0)
            weigh(heard, last, of.gain[block], np.float32(of.tilt))
            products += heard.T @ heard
        rows[:memory] = rows[long : long + memory]
    return PieceError(float(products[size, size]), products[size, :size], products[:size, :size])
