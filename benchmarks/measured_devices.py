"""The devices of `measure.py`: drawn chains, a recorder, and the errors of a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr

from fxchain.alignment.fractional_delay import advanced
from fxchain.data.presets import hidden_rng
from fxchain.data.signals import plucked_strings
from fxchain.data.structures import EQUALIZER, random_structure
from fxchain.measuring.measurement import Measurement
from fxchain.measuring.responses import HIGHEST_ORDER
from fxchain.preset import Preset

RATE = 44_100
#: Chains are played at so many times the rate: a device has next to no aliasing.
TIMES = 8
_FILTERS = (EQUALIZER, "highpass_filter", "lowpass_filter", "gain")
_DRIVES = ("distortion", "clipping")
_TONE_SECONDS, _SETTLING_SECONDS = 0.2, 0.2
_HIGHEST_HZ = 20_000.0
GOAL_LINEAR_DB, GOAL_HARMONIC_DB, GOAL_SAMPLES = 0.1, 0.5, 0.05
FREQUENCIES_HZ = np.geomspace(30.0, 18_000.0, 19)
RANGE_DB, HARMONIC_RANGE_DB, ABOVE_NOISE_DB = 30.0, 45.0, 25.0


Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Device:
    """A chain that is drawn, and what a recorder adds.

    Attributes:
        preset: the chain
        latency_samples: of the recorder
        drift_ppm: of its clock
        hum_hz: frequency of its hum; 0: none
        hum_dbfs: root mean square of its first harmonic
        noise_db: white, relative to the recorded sweeps
        seed: of the noise
    """

    preset: Preset
    latency_samples: float
    drift_ppm: float
    hum_hz: float
    hum_dbfs: float = -70.0
    noise_db: float = -60.0
    seed: int = 0

    def play(self, samples: np.ndarray) -> np.ndarray:
        """Return what the chain makes of (1, samples), without aliasing."""
        high = soxr.resample(samples.T.astype(np.float64), RATE, TIMES * RATE, quality="VHQ")
        made = self._chain(np.ascontiguousarray(high.T, np.float32))
        low = soxr.resample(made.T.astype(np.float64), TIMES * RATE, RATE, quality="VHQ")
        return low.T[:, : samples.shape[1]]

    def record(self, samples: np.ndarray) -> np.ndarray:
        """Return what a recorder hears of (1, samples), (1, other samples) float32."""
        made = self.play(samples)
        random = np.random.default_rng(self.seed)
        whole = int(self.latency_samples)
        late = np.pad(made, ((0, 0), (whole, RATE))).astype(np.float32)
        late = advanced(late, -(self.latency_samples - whole)).astype(np.float64)
        late = soxr.resample(late.T, 1.0, 1.0 + 1e-6 * self.drift_ppm, quality="VHQ").T
        level = np.sqrt(np.mean(np.square(made))) * 10.0 ** (self.noise_db / 20.0)
        late += level * random.standard_normal(late.shape)
        if self.hum_hz:
            times = np.arange(late.shape[1]) / RATE
            amplitude = np.sqrt(2.0) * 10.0 ** (self.hum_dbfs / 20.0)
            late += amplitude * np.sin(2.0 * np.pi * self.hum_hz * times + 0.3)
            late += 0.3 * amplitude * np.sin(6.0 * np.pi * self.hum_hz * times + 1.3)
        return late.astype(np.float32)

    def _chain(self, samples: np.ndarray) -> np.ndarray:
        """Return what the chain makes of (1, samples) at the higher rate."""
        return np.asarray(self.preset.board(TIMES * RATE)(samples, TIMES * RATE))

    def tone(self, frequency_hz: float, amplitude: float, orders: int) -> list[float]:
        """Return the amplitudes of the harmonics of a steady sine, relative to its own.

        Orders above 20 kHz are left out.
        """
        rate = TIMES * RATE
        begin = round(_SETTLING_SECONDS * rate)
        times = np.arange(begin + round(_TONE_SECONDS * rate)) / rate
        sine = amplitude * np.sin(2.0 * np.pi * frequency_hz * times)
        made = self._chain(sine[None].astype(np.float32))[0, begin:]
        turns = 2.0 * np.pi * frequency_hz * times[begin:]
        kept = [order for order in range(1, 31) if order * frequency_hz < 0.45 * rate]
        waves = [np.ones_like(turns)]
        for order in kept:
            waves += [np.cos(order * turns), np.sin(order * turns)]
        rows = np.array(waves)
        found = np.linalg.solve(rows @ rows.T, rows @ made.astype(np.float64))
        amplitudes = np.hypot(found[1::2], found[2::2]) / amplitude
        heard = [order for order in kept if order <= orders and order * frequency_hz < _HIGHEST_HZ]
        return [float(amplitudes[order - 1]) for order in heard]


def drawn_device(number: int) -> Device:
    """Draw a device: filters, a drive in two of three, filters, and a recorder.

    Args:
        number: seeds it
    """
    rng = hidden_rng([31, number])
    kinds = [_FILTERS[at] for at in rng.permutation(len(_FILTERS))[: int(rng.integers(1, 4))]]
    if number % 3:
        kinds.insert(int(rng.integers(len(kinds) + 1)), _DRIVES[number % 2])
    audio = plucked_strings(1.0, RATE, number)
    chain, _ = random_structure(rng, audio, RATE, tuple(kinds))
    return Device(
        Preset(chain.stage, chain.values, RATE),
        float(rng.uniform(0.0, 3_000.0)),
        float(rng.uniform(-100.0, 100.0)),
        (0.0, 50.0, 60.0)[number % 3] + float(rng.uniform(-0.1, 0.1)) * bool(number % 3),
        seed=number,
    )


def errors(device: Device, found: Measurement) -> Row:
    """Return how far a measurement is from the truth: the largest errors."""
    linear, harmonic = [0.0], [0.0]
    for level in (found.levels[0], found.levels[-1]):
        amplitude = 10.0 ** (level.input_dbfs / 20.0)
        tones = [device.tone(each, amplitude, HIGHEST_ORDER) for each in FREQUENCIES_HZ]
        loudest = max(tone[0] for tone in tones)
        for frequency_hz, tone in zip(FREQUENCIES_HZ, tones, strict=True):
            if _db(tone[0] / loudest) < -RANGE_DB:
                continue
            linear.append(_at(found, level.gain_db, frequency_hz) - _db(tone[0]))
            for order, true in enumerate(tone[1:], 2):
                played_hz = order * frequency_hz
                floor_db = _at(found, level.noise_db, min(played_hz, 18_000.0)) + ABOVE_NOISE_DB
                least_db = max(floor_db, _db(tone[0]) - HARMONIC_RANGE_DB)
                if played_hz <= 18_000.0 and _db(true) > least_db:
                    curve = level.harmonics_db[order]
                    harmonic.append(_at(found, curve, frequency_hz) - _db(true))
    hum, given = found.background.hum, device.hum_hz
    return {
        "linear": _largest(linear),
        "harmonic": _largest(harmonic),
        "harmonics": len(harmonic) - 1,
        "latency": found.latency_samples - device.latency_samples,
        "drift": found.drift_ppm - device.drift_ppm,
        "hum_right": (hum is None) == (not given),
        "hum_hz": hum.frequency_hz - given if hum and given else 0.0,
        "hum_db": hum.levels_dbfs.get(1, -200.0) - device.hum_dbfs if hum and given else 0.0,
        "chain": " > ".join(dict.fromkeys(slot.kind for slot in device.preset.stage.slots())),
    }


def _at(found: Measurement, curve: np.ndarray, frequency_hz: float) -> float:
    """Return a curve at a frequency, between its points in the logarithm."""
    return float(np.interp(np.log(frequency_hz), np.log(found.frequencies_hz), curve))


def _largest(numbers: Sequence[float]) -> float:
    """Return the number of the largest size; infinite where one is not known."""
    return max(numbers, key=abs) if np.isfinite(numbers).all() else float("inf")


def _db(ratio: float) -> float:
    return 20.0 * float(np.log10(max(ratio, 1e-12)))
