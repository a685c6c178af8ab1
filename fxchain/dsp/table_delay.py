"""A copy whose delay follows tables that are read periodically, behind filters.

    out = (1 − m)·x + m·(h₀ * x + h₁ * w),    w(t) = x(t − d(t))

A table holds one period; between its values lies a straight line.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.dsp.modulated_delay import modulated_delay, modulated_delay_tangents


@dataclass(frozen=True, eq=False)
class TableDelay:
    """What is measured of it, and where it is played.

    Attributes:
        tables: (2, entries), ms, float64; the sum of both is the delay
        responses: (channels, 2, taps), h₀ and h₁, float64
        sample_rate: Hz
        first_sample: position of the audio in the recording
    """

    tables: Tensor
    responses: Tensor
    sample_rate: float
    first_sample: int

    def process(self, audio: Tensor, moving: tuple[Tensor, ...], mix: Tensor) -> Tensor:
        """Play (batch, channels, time).

        Args:
            audio: (batch, channels, time)
            moving: rate, Hz, and phase, °, of the first table, the same of the second, and the
                depth, by which the delay moves about its mean: (batch,) each
            mix: (batch,)
        """
        delays = self._delays(audio.shape[-1], *moving)
        copy = modulated_delay(audio, delays, torch.zeros(len(audio), dtype=delays.dtype))
        wet = self._filtered(audio, 0) + self._filtered(copy, 1)
        amount = mix.double()[:, None, None]
        return ((1.0 - amount) * audio + amount * wet).to(audio.dtype)

    def jvp(
        self,
        audio: Tensor,
        tangents: Tensor,
        steps: Tensor,
        moving: tuple[Tensor, ...],
        mix: Tensor,
    ) -> Tensor:
        """Return the derivatives along the audio, then along steps of `moving` and of the mix.

        Args:
            audio: (channels, time)
            tangents: (directions, channels, time)
            steps: (own, 6)
            moving: (1,) each
            mix: (1,)

        Returns:
            (directions + own, channels, time)
        """
        doubles, count = tuple(each.double() for each in moving), len(tangents)

        def delays(*at: Tensor) -> Tensor:
            return self._delays(audio.shape[-1], *at)

        slopes = []
        for step in steps.double():
            along = tuple(step[: len(moving), None].unbind(0))
            slopes.append((torch.func.jvp(delays, doubles, along)[1][0], 0.0))
        still = torch.zeros((), dtype=torch.float64)
        copy, moved = modulated_delay_tangents(audio, tangents, delays(*doubles)[0], still, slopes)
        out, amount = self._filtered(moved, 1), float(mix[0])
        out[:count] += self._filtered(tangents, 0)
        out *= amount
        out[:count] += (1.0 - amount) * tangents
        wet = self._filtered(audio[None], 0)[0] + self._filtered(copy[None], 1)[0] - audio
        for place, step in enumerate(steps, start=count):
            out[place] += float(step[-1]) * wet
        return out.to(tangents.dtype)

    def _delays(
        self,
        samples: int,
        rate_hz: Tensor,
        phase_degrees: Tensor,
        second_rate_hz: Tensor,
        second_phase_degrees: Tensor,
        depth: Tensor,
    ) -> Tensor:
        """Return the delay at each sample, in samples, (batch, samples)."""
        time = (torch.arange(samples, dtype=torch.float64) + self.first_sample) / self.sample_rate
        mean = self.tables.mean(dim=1).sum()
        total = torch.zeros(1, 1, dtype=torch.float64)
        pairs = ((rate_hz, phase_degrees), (second_rate_hz, second_phase_degrees))
        for table, (hertz, degrees) in zip(self.tables, pairs, strict=True):
            cycles = hertz.double()[:, None] * time + degrees.double()[:, None] / 360.0
            place = (cycles - torch.floor(cycles.detach())) * len(table)
            whole = torch.floor(place.detach())
            at = whole.long() % len(table)
            near, far = table[at], table[(at + 1) % len(table)]
            total = total + near + (place - whole) * (far - near)
        late = mean + depth.double()[:, None] * (total - mean)
        return late.clamp(min=0.0) * (self.sample_rate / 1_000.0)

    def _filtered(self, audio: Tensor, which: int) -> Tensor:
        """Return (…, channels, time) behind one of the responses, float64."""
        if not audio.numel():  # there is no transform of nothing
            return audio.double()
        samples, taps = audio.shape[-1], self.responses.shape[-1]
        length = 1 << (samples + taps - 2).bit_length()
        spectrum = torch.fft.rfft(audio.double(), length)
        response = torch.fft.rfft(self.responses[:, which], length)
        return torch.fft.irfft(spectrum * response, length)[..., :samples]
