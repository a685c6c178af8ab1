"""A scan over rates and phases of one oscillator, by the correlation with the wet recording.

What a chain plays at a rate and a phase, p, is compared with the wet, w, at every lag of some
milliseconds, with the level that fits best: the error is 1 − max ⟨p(t − l), w⟩² / (‖p‖²·‖w‖²), over
lags l at which the correlation is positive. So neither level nor latency have to be right. At first
low frequencies alone are compared, of which a delay may be wrong by more, then higher ones too; the
chain is played at a sample rate that suffices for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
import scipy.optimize
import scipy.signal
import torch

from fxchain.objectives.excerpt import Excerpt
from fxchain.oscillator_alignment.oscillators import Oscillator
from fxchain.stage import Effect, Stage, stages_by_path

#: Phases that are tried, and the step from one rate to the next as a share of 1/duration.
PHASES, RATE_STEP = 16, 0.25
#: Rates up to this share around the rate of a preset are tried.
RATE_RANGE = 0.1
#: Frequencies below these, Hz, are compared in turn, the first ones on the grid too.
BANDS_HZ = (500.0, 2_000.0)
#: The sample rate is at least so many times as large.
OVERSAMPLED = 8.0
#: So many rates of the grid are refined.
STARTS = 2
#: The wet may be earlier or later than the aligner says by so much, s.
LAG_SECONDS = 0.02
#: Evaluations of a refinement, and its first steps: of the rate as a share of 1/duration, and °.
EVALUATIONS, RATE_SHARE, PHASE_DEGREES = 30, 0.1, 10.0


@dataclass(frozen=True, eq=False)
class Found:
    """Values of a chain, and how they fit.

    Attributes:
        values: (size,), physical
        lag: by how much the wet is late, samples, beyond its alignment
        error: see the module
    """

    values: np.ndarray
    lag: int
    error: float


class Scan:
    """The values of a chain that are compared with an excerpt.

    Args:
        stage: the chain
        values: (size,), physical; all but those of the oscillator stay
        oscillator: whose rate and phase are looked for
        excerpt: dry and wet
        sample_rate: Hz
    """

    def __init__(
        self,
        stage: Stage,
        values: np.ndarray,
        oscillator: Oscillator,
        excerpt: Excerpt,
        sample_rate: int,
    ) -> None:
        self._stage, self._values, self._oscillator = stage, values, oscillator
        self._bands = [_Band(excerpt, sample_rate, hertz, stage) for hertz in BANDS_HZ]
        self._whole = _Band(excerpt, sample_rate, 0.5 * sample_rate, stage)
        self._seconds = excerpt.dry.shape[-1] / sample_rate
        self._middle = excerpt.first_sample / sample_rate + 0.5 * self._seconds

    def best(self, further_rates_hz: Sequence[float] = ()) -> Found:
        """Return the best rate and phase.

        Args:
            further_rates_hz: rates that are tried beside those around that of the values
        """
        starts, first = [], self._bands[0]
        for rate_hz in self._rates(further_rates_hz):
            phases = np.arange(PHASES) * 360.0 / PHASES
            tried = [(self._at(rate_hz, phase, first).error, rate_hz, phase) for phase in phases]
            starts.append(min(tried))
        refined = [self._refined(rate_hz, phase) for _, rate_hz, phase in sorted(starts)[:STARTS]]
        return min(refined, key=lambda each: each.error)

    def _rates(self, further_rates_hz: Sequence[float]) -> list[float]:
        place = self._oscillator.rate
        if place is None:
            return [0.0]
        spec, preset_hz = self._stage.slots()[place].spec, float(self._values[place])
        step = RATE_STEP / self._seconds
        most = int(RATE_RANGE * preset_hz / step)
        near = [preset_hz + number * step for number in range(-most, most + 1)]
        rates = (*near, *further_rates_hz)
        return list(dict.fromkeys(rate for rate in rates if spec.low <= rate <= spec.high))

    def _at(self, rate_hz: float, phase_degrees: float, band: "_Band") -> Found:
        """Return what is played at a rate and a phase in the middle of the excerpt."""
        values = self._values.copy()
        if self._oscillator.rate is not None:
            spec = self._stage.slots()[self._oscillator.rate].spec
            rate_hz = float(np.clip(rate_hz, spec.low, spec.high))
            values[self._oscillator.rate] = rate_hz
        values[self._oscillator.phase] = (phase_degrees - 360.0 * rate_hz * self._middle) % 360.0
        return Found(values, *band.compared(self._stage, values))

    def _refined(self, rate_hz: float, phase_degrees: float) -> Found:
        """Return where steps from a rate and a phase lead, with more and more frequencies."""
        here = np.array([rate_hz, phase_degrees])
        steps = np.array([RATE_SHARE / self._seconds, PHASE_DEGREES])
        for band in self._bands:

            def error(
                at: np.ndarray,
                around: np.ndarray = here,
                steps: np.ndarray = steps,
                band: _Band = band,
            ) -> float:
                rate, phase = around + at * steps
                return self._at(float(rate), float(phase), band).error

            found = scipy.optimize.minimize(
                error,
                np.zeros(2),
                method="Nelder-Mead",
                options={"initial_simplex": [[0, 0], [1, 0], [0, 1]], "maxfev": EVALUATIONS},
            )
            here, steps = here + found.x * steps, 0.4 * steps
        return self._at(float(here[0]), float(here[1]), self._whole)


def is_audible(
    stage: Stage, values: np.ndarray, oscillator: Oscillator, excerpt: Excerpt, sample_rate: int
) -> bool:
    """Tell whether a chain sounds different where an oscillator is at another phase."""
    dry = torch.from_numpy(np.ascontiguousarray(excerpt.dry))[None]
    rows = torch.from_numpy(np.stack([values, values]))
    rows[1, oscillator.phase] += 90.0 if values[oscillator.phase] <= 0.0 else -90.0
    with torch.no_grad():
        one, other = stage.process(dry, excerpt.playback(sample_rate), rows)
    return not torch.equal(one, other)


class _Band:
    """An excerpt at a sample rate that suffices for its low frequencies.

    Args:
        excerpt: dry and wet
        sample_rate: Hz
        highest_hz: what is above is not compared
        stage: where an effect of it plays at few sample rates, that of the recording is kept
    """

    def __init__(self, excerpt: Excerpt, sample_rate: int, highest_hz: float, stage: Stage) -> None:
        most = int(sample_rate / (OVERSAMPLED * highest_hz)) if _plays_anywhere(stage) else 1
        self._down = max(by for by in range(1, max(most, 1) + 1) if sample_rate % by == 0)
        rate, begin = sample_rate // self._down, -excerpt.first_sample % self._down
        wet = np.where(_known(excerpt), excerpt.wet, np.float32(0.0))
        dry, wet = (
            scipy.signal.resample_poly(each[:, begin:], 1, self._down, axis=-1).astype(np.float32)
            for each in (excerpt.dry, wet)
        )
        self._dry = torch.from_numpy(np.ascontiguousarray(dry))[None]
        first = -(-excerpt.first_sample // self._down)
        self._playback = replace(excerpt.playback(rate), first_sample=first)
        self._first = -(-excerpt.first_valid // self._down)
        lag = round(LAG_SECONDS * rate)
        length = wet.shape[-1] - self._first
        self._size = int(scipy.fft.next_fast_len(length + lag, real=True))
        frequencies = scipy.fft.rfftfreq(self._size, 1.0 / rate)
        self._used = int(np.searchsorted(frequencies, highest_hz))
        self._wet = self._spectrum(wet)
        self._lags = np.concatenate([np.arange(lag + 1), np.arange(-lag, 0)])

    def _spectrum(self, audio: np.ndarray) -> np.ndarray:
        there = audio[:, self._first :].astype(np.float64)
        return np.asarray(scipy.fft.rfft(there, self._size, axis=-1)[:, : self._used])

    def compared(self, stage: Stage, values: np.ndarray) -> tuple[int, float]:
        """Return the lag, in samples of the recording, and the error of what a chain plays."""
        with torch.no_grad():
            rows = torch.from_numpy(values)[None]
            made = stage.process(self._dry, self._playback, rows)[0].numpy()
        there = self._spectrum(made)
        product = np.sum(there.conj() * self._wet, axis=0)
        sums = scipy.fft.irfft(product, self._size)[self._lags]
        best = int(np.argmax(sums))
        energy = [2.0 * float(np.sum(np.abs(x) ** 2)) / self._size for x in (there, self._wet)]
        height = max(float(sums[best]), 0.0)
        error = 1.0 - height**2 / (energy[0] * energy[1] + 1e-30)
        return int(self._lags[best]) * self._down, error


def _known(excerpt: Excerpt) -> np.ndarray:
    """Return for each sample whether the wet is known, (samples,)."""
    return np.concatenate([np.zeros(excerpt.first_valid, bool), excerpt.known()])


def _plays_anywhere(stage: Stage) -> bool:
    """Tell whether every effect plays at any sample rate."""
    effects = [each for _, each in stages_by_path(stage) if isinstance(each, Effect)]
    return all(not e.primitive.sample_rates and e.primitive.hosted is None for e in effects)
