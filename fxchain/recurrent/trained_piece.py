"""The error of a recurrent network on a piece of a recording, and its derivatives by weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from fxchain.dsp.thread_pool import map_threads
from fxchain.recurrent.architecture import Architecture
from fxchain.recurrent.filters import Filters, filter_rows
from fxchain.recurrent.recording import Recording, tilted
from fxchain.recurrent.rest import Rest, linearize_rest
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
    """A sum of squares near some weights and knobs.

    Attributes:
        error: there
        slope: (size,), half its gradient: of the weights, then of the knobs around them
        hessian: (size, size), half its Gauss-Newton Hessian
    """

    error: float
    slope: np.ndarray
    hessian: np.ndarray


@dataclass(frozen=True, eq=False)
class Played:
    """A network with filters around it, on pieces.

    Attributes:
        network: what it is
        weights: (size,), float32
        before: the filters before it
        behind: the filters behind it
        sample_rate: Hz
    """

    network: Architecture
    weights: np.ndarray
    before: Filters
    behind: Filters
    sample_rate: int

    def error(self, pieces: Sequence[Piece]) -> float:
        """Return the sum of squares that is left of pieces."""
        fed = [self.before.play(self._audio(piece)) for piece in pieces]
        outputs = map(self.behind.play, self._outputs(fed))
        residuals = (
            piece.residual(output[piece.begin - piece.warm_up(self.sample_rate) :])
            for piece, output in zip(pieces, outputs, strict=True)
        )
        return float(sum(np.sum(np.square(each, dtype=np.float64)) for each in residuals))

    def linearized(self, pieces: Sequence[Piece]) -> PieceError:
        """Return the sum of squares that is left of pieces, with its derivatives."""
        rest = linearize_rest(self.network, self.weights)
        fed = [self.before.linearize(self._audio(piece)) for piece in pieces]
        moving = [np.zeros((0, len(audio)), np.float32) for audio, _ in fed]
        if len(self.behind.sections):
            outputs = self._outputs([audio for audio, _ in fed])
            moving = [self.behind.linearize(output)[1] for output in outputs]
        tasks = list(zip(pieces, fed, moving, strict=True))
        products = np.sum(map_threads(lambda task: self._products(*task, rest), tasks), axis=0)
        residual = self.network.size + len(fed[0][1])
        others = np.delete(np.arange(len(products)), residual)
        return PieceError(
            float(products[residual, residual]),
            products[residual, others],
            products[np.ix_(others, others)],
        )

    def _audio(self, piece: Piece) -> np.ndarray:
        return piece.of.audio[piece.warm_up(self.sample_rate) : piece.end]

    def _outputs(self, fed: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return what the network makes of audio (samples,), filtered before."""
        state, level = self.network.resting(self.weights)
        run = self.network.run_from
        return map_threads(lambda audio: run(audio, self.weights, state) - level, fed)

    def _products(
        self, piece: Piece, fed: tuple[np.ndarray, np.ndarray], behind: np.ndarray, rest: Rest
    ) -> np.ndarray:
        """Return the products of all columns of a piece.

        They are summed up block by block, each of which stays in the processor's cache. The columns
        are the derivatives by the weights and by the knobs before the network, the residual, and
        the derivatives by the knobs behind it, which are given (knobs, samples).
        """
        network, of = self.network, piece.of
        audio, moving = fed[0], np.ascontiguousarray(fed[1].T)
        knobs, size = moving.shape[1], network.size
        residual, count = size + knobs, size + knobs + 1 + len(behind)
        state = rest.state.copy()
        slopes = np.pad(rest.slopes, ((0, 0), (0, knobs)))
        output, rows = np.empty(BLOCK, np.float32), np.empty((BLOCK, count), np.float32)
        resting = np.zeros(count, np.float32)
        resting[:size], resting[residual] = rest.level_slopes, rest.level
        still, sections = np.zeros_like(resting), self.behind.sections
        filtering = np.zeros((len(sections), 2, residual + 1), np.float32)
        products, last = np.zeros((count, count)), still
        first = piece.warm_up(self.sample_rate)
        starts = [*range(first, piece.begin, BLOCK), *range(piece.begin, piece.end, BLOCK)]
        for begin, end in pairwise([*starts, piece.end]):
            block, here, long = slice(begin, end), slice(begin - first, end - first), end - begin
            part, made = rows[:long], output[:long]
            network.linearize(audio[here], moving[here], self.weights, state, slopes, made, part)
            part[:, residual] = made
            offset = resting
            if len(sections):
                filter_rows(part, resting, sections, filtering)
                offset = still
            if begin < piece.begin:
                continue
            part[:, residual] -= of.wanted[block]
            part[:, residual + 1 :] = behind[:, here].T
            if begin == piece.begin:  # before it stands the same once more
                last = (part[0] - offset) * np.float32(of.gain[begin] > 0.0)
            weigh(part, offset, last, of.gain[block], np.float32(of.tilt))
            products += part.T @ part
        return products
