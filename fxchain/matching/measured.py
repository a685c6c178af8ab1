"""A measurement of the device beside the recordings of a match."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fxchain.alignment.fractional_delay import FARTHEST
from fxchain.errors import MatchError
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.measuring.measurement import BEFORE_DIRECT_SOUND, Measurement
from fxchain.measuring.nonlinearity import harmonic_error, level_error
from fxchain.measuring.reading import read_measurement
from fxchain.recordings.aligned_pair import LEAST_POLARITY_CONFIDENCE, AlignedPair, latency_warnings
from fxchain.recordings.latency_fallback import LEAST_CONFIDENCE
from fxchain.recordings.several_pairs import AlignedPairs, with_latencies
from fxchain.wording import counted

#: A measured latency is exact to this, samples (`benchmarks/measure.py`): so near to a whole
#: number, it is that number.
EXACT_SAMPLES = 0.05
#: A clock that is farther off than this is told, parts per million.
LEAST_DRIFT_PPM = 1.0
#: Peaks are equal to this share.
_EQUAL = 1e-3


@dataclass(frozen=True, eq=False)
class MeasuredFolder:
    """A measurement and where it was read.

    Attributes:
        folder: as it was given
        found: the measurement
    """

    folder: str
    found: Measurement

    @classmethod
    def read(cls, folder: str | Path) -> "MeasuredFolder":
        """Read it.

        Raises:
            MatchError: the folder holds no measurement.
        """
        return cls(str(folder), read_measurement(folder))

    def require_rate(self, sample_rate: int) -> None:
        """Refuse recordings of another sample rate.

        Raises:
            MatchError: both are named.
        """
        own = self.found.signal.sample_rate
        if own != sample_rate:
            raise MatchError(
                f"{self.folder}: measured at {own} Hz, and the recordings have {sample_rate} Hz; "
                "measure again at their rate"
            )

    def device(self, aligned: AlignedPairs) -> MeasuredDevice:
        """Return what a search uses of it, for these recordings."""
        found = self.found
        fraction = found.latency_samples - round(found.latency_samples)
        return MeasuredDevice(
            impulse_response=found.linear_response,
            direct_sound=BEFORE_DIRECT_SOUND + fraction,
            polarity=found.polarity,
            sample_rate=found.signal.sample_rate,
            highest_hz=float(found.frequencies_hz[-1]),
            harmonic_error=harmonic_error(found),
            level_error=level_error(found),
            covers=self._covers(aligned),
        )

    def aligned(self, pairs: AlignedPairs) -> AlignedPairs:
        """Return pairs with the measured latency where it agrees with what was found in them.

        It agrees where a search might move the latency that far. Where it is a whole number and no
        sample away, it is known from then on. A pair whose latency was given keeps it.
        """
        latencies, known, settled = [], [], []
        doubted: set[str] = set()
        for source, pair in zip(pairs.sources, pairs.pairs, strict=True):
            latency, certain = pair.alignment.latency_samples, pair.problem.latency_known
            if source.latency_samples is None and self._agrees(pair):
                latency, certain = self._latency(pair)
                doubts = _doubts(pair)
                doubted.update(map(source.about, doubts))
                pair = _without(pair, doubts)
            latencies.append(latency)
            known.append(certain)
            settled.append(pair)
        left = (sentence for sentence in pairs.warnings if sentence not in doubted)
        said = tuple(self._sentences(pairs))
        moved = with_latencies(replace(pairs, pairs=tuple(settled)), latencies, known)
        return replace(moved, warnings=(*left, *said))

    def _covers(self, aligned: AlignedPairs) -> bool:
        """Return whether no dry was played louder to the device than the loudest sweep."""
        loudest = 10.0 ** (self.found.levels[-1].input_dbfs / 20.0)
        return max(map(_peak, aligned.pairs)) <= (1.0 + _EQUAL) * loudest

    def _distance(self, pair: AlignedPair) -> float:
        return abs(self.found.latency_samples - pair.alignment.latency_samples)

    def _agrees(self, pair: AlignedPair) -> bool:
        return self._distance(pair) <= FARTHEST

    def _latency(self, pair: AlignedPair) -> tuple[float, bool]:
        """Return the measured latency, and whether it is known for a pair."""
        latency = self.found.latency_samples
        if abs(latency - round(latency)) > EXACT_SAMPLES:
            return latency, False
        sure = pair.alignment.confidence >= LEAST_CONFIDENCE
        return float(round(latency)), sure and self._distance(pair) < 1.0

    def _sentences(self, pairs: AlignedPairs) -> Iterator[str]:
        """Say what of the measurement is not used, and what its recorder did."""
        found, named = self.found, f"the measurement in {self.folder}"
        for source, pair in zip(pairs.sources, pairs.pairs, strict=True):
            if source.latency_samples is None and not self._agrees(pair):
                yield source.about(
                    f"its latency is {counted(pair.alignment.latency_samples, 'sample')}, that of "
                    f"{named} {found.latency_samples:.2f}; the measured one is not used"
                )
            elif source.latency_samples is None and _doubts(pair):
                latency = counted(f"{round(self._latency(pair)[0], 2):g}", "sample")
                yield source.about(
                    f"its latency is uncertain (confidence {pair.alignment.confidence:.2f}); that "
                    f"of {named}, {latency}, is used"
                )
        given = any(source.polarity is not None for source in pairs.sources)
        confidence = min(pair.alignment.polarity_confidence for pair in pairs.pairs)
        if not given and pairs.polarity != found.polarity:
            own, other = ("+" if sign > 0 else "-" for sign in (pairs.polarity, found.polarity))
            sure = "" if confidence >= LEAST_POLARITY_CONFIDENCE else f"; give --polarity {other}"
            yield f"the polarity of {named} is {other}, that of the recordings {own}{sure}"
        if not self._covers(pairs):
            yield (
                f"the dry recording is louder than the sweeps of {named}: what that says about "
                "distortion and level is not used"
            )
        if abs(found.drift_ppm) >= LEAST_DRIFT_PPM:
            yield (
                f"the recorder's clock was {found.drift_ppm:+.1f} ppm off in {named}; where the "
                "wet was recorded in the same way, give --correct-drift"
            )


def _doubts(pair: AlignedPair) -> list[str]:
    """Return what was said of an uncertain latency that a measured one settles.

    Whether it is the delay of an echo that is (nearly) all wet, a measurement does not tell.
    """
    return [] if pair.alignment.unheard is not None else latency_warnings(pair.alignment)


def _without(pair: AlignedPair, sentences: list[str]) -> AlignedPair:
    def left(said: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(each for each in said if each not in sentences)

    return replace(
        pair, warnings=left(pair.warnings), alignment_warnings=left(pair.alignment_warnings)
    )


def _peak(pair: AlignedPair) -> float:
    """Return the peak of a dry at the level of its file, which the device was played."""
    routing = pair.read.routing
    factor = 1.0 if routing is None else routing.input_level
    return float(np.abs(pair.dry).max()) / factor
