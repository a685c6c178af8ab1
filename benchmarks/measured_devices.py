"""The devices of `measure.py`: drawn chains, what a recorder adds to them, and the truth."""

from dataclasses import dataclass

import numpy as np
import soxr

from fxchain.alignment.fractional_delay import advanced
from fxchain.data.presets import hidden_rng
from fxchain.data.signals import plucked_strings
from fxchain.data.structures import EQUALIZER, random_structure
from fxchain.preset import Preset
from fxchain.render import render

RATE = 44_100
#: Chains are played at so many times the rate: a device has no aliasing.
TIMES = 4
_FILTERS = (EQUALIZER, "highpass_filter", "lowpass_filter", "gain")
_DRIVES = ("distortion", "clipping")
_TONE_SECONDS, _SETTLING_SECONDS = 0.2, 0.2
_HIGHEST_HZ = 20_000.0


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
        if TIMES == 1:
            return render(self.preset, samples, RATE)
        high = soxr.resample(samples.T.astype(np.float64), RATE, TIMES * RATE, quality="VHQ")
        made = render(self.preset, np.ascontiguousarray(high.T, np.float32), TIMES * RATE)
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

    def tone(self, frequency_hz: float, amplitude: float, orders: int) -> list[float]:
        """Return the amplitudes of the harmonics of a steady sine, relative to its own.

        Orders above 20 kHz are left out.
        """
        rate = TIMES * RATE
        begin = round(_SETTLING_SECONDS * rate)
        times = np.arange(begin + round(_TONE_SECONDS * rate)) / rate
        sine = amplitude * np.sin(2.0 * np.pi * frequency_hz * times)
        made = render(self.preset, sine[None].astype(np.float32), rate)[0, begin:]
        turns = 2.0 * np.pi * frequency_hz * times[begin:]
        kept = [order for order in range(1, 31) if order * frequency_hz < 0.45 * rate]
        waves = [np.ones_like(turns)]
        for order in kept:
            waves += [np.cos(order * turns), np.sin(order * turns)]
        found = np.linalg.lstsq(np.array(waves).T, made.astype(np.float64), rcond=None)[0]
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
