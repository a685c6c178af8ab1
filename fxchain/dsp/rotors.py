"""Two rotors that turn: what is below a crossover goes to the one, the rest to the other.

Each delays its part by D·s(t) and multiplies it by 1 − a·s(t), s(t) = ½ + ½·sin(2π·f·t + φ). Two
first-order low-passes in a row lead to the lower one, so that both parts add up to the signal.
"""

import math
from functools import partial

import torch
from torch import Tensor

from fxchain.dsp.first_order import lowpass_coefficients
from fxchain.dsp.modulated_delay import modulated_delay, modulated_delay_tangents
from fxchain.dsp.recursion import cascade, cascade_signals
from fxchain.dsp.recursion_tangents import own_tangents, play_tangents

#: Rate, Hz, phase at the recording's start, °, longest delay, ms, and depth, 0 to 1.
Rotor = tuple[Tensor, ...]
#: How many values a rotor has.
SIZE = 4


def below(audio: Tensor, sample_rate: float, crossover_hz: Tensor) -> Tensor:
    """Return what is below the crossover, (batch, channels, time)."""
    return cascade(audio, _sections(sample_rate, crossover_hz).to(audio.dtype))


def played(
    audio: Tensor,
    sample_rate: float,
    first_sample: int,
    crossover_hz: Tensor,
    upper: Rotor,
    lower: Rotor,
) -> Tensor:
    """Play both rotors.

    Args:
        audio: (batch, channels, time)
        sample_rate: Hz
        first_sample: position of the audio in the recording
        crossover_hz: (batch,)
        upper: (batch,) each
        lower: (batch,) each

    Returns:
        (batch, channels, time)
    """
    low = below(audio, sample_rate, crossover_hz)
    made = torch.zeros_like(audio)
    for part, rotor in ((audio - low, upper), (low, lower)):
        delays, factors = _curves(sample_rate, first_sample, audio.shape[-1], *rotor)
        still = torch.zeros(len(part), dtype=delays.dtype)
        made = made + modulated_delay(part, delays, still) * factors.to(audio.dtype)[:, None]
    return made


def tangents_played(
    audio: Tensor,
    tangents: Tensor,
    steps: Tensor,
    sample_rate: float,
    first_sample: int,
    values: tuple[Tensor, ...],
) -> Tensor:
    """Return the derivatives of what is played along the audio, then along steps of the values.

    Args:
        audio: (channels, time)
        tangents: (directions, channels, time)
        steps: (own, 9), of the values
        sample_rate: Hz
        first_sample: position of the audio in the recording
        values: (1,) each, the crossover, the upper rotor and the lower one

    Returns:
        (directions + own, channels, time)
    """
    doubles, along = tuple(value.double() for value in values), steps.double()
    count, own = len(tangents), len(steps)
    rows = _sections(sample_rate, values[0])[0]
    signals = cascade_signals(audio, rows.to(audio.dtype))
    low, of_low = signals[:, -1], torch.empty(count + own, *audio.shape, dtype=tangents.dtype)
    if count:
        play_tangents(tangents, rows, of_low[:count])
    if own:
        one = torch.ones(1, dtype=torch.float64)
        rows_at = partial(_sections, sample_rate)
        slopes = torch.func.jvp(rows_at, doubles[:1], (one,))[1][0]
        own_tangents(signals, rows, [(0, slopes * step) for step in along[:, 0]], of_low[count:])
    of_high = -of_low
    of_high[:count] += tangents
    out = torch.zeros_like(of_low)
    for part, moved, at in ((audio - low, of_high, 1), (low, of_low, 1 + SIZE)):
        these = slice(at, at + SIZE)
        out += _rotor_tangents(
            part, moved, along[:, these], sample_rate, first_sample, doubles[these]
        )
    return out


def _rotor_tangents(
    part: Tensor, moved: Tensor, along: Tensor, sample_rate: float, first_sample: int, rotor: Rotor
) -> Tensor:
    """Return the derivatives of one rotor: `moved` of its input, the last ones along its values."""

    def curves(*at: Tensor) -> tuple[Tensor, Tensor]:
        return _curves(sample_rate, first_sample, part.shape[-1], *at)

    delays, factors = curves(*rotor)
    steps = [tuple(step[:, None].unbind(0)) for step in along]
    slopes = [torch.func.jvp(curves, rotor, step)[1] for step in steps]
    turned = [(of_delay[0], 0.0) for of_delay, _ in slopes]
    still = torch.zeros((), dtype=torch.float64)
    wet, found = modulated_delay_tangents(part, moved, delays[0], still, turned)
    total, count = found[: len(moved)], len(moved) - len(along)
    total[count:] += found[len(moved) :]
    total = total * factors[0].to(total.dtype)
    for place, (_, of_factor) in enumerate(slopes, start=count):
        total[place] += wet * of_factor[0].to(total.dtype)
    return total


def _sections(sample_rate: float, crossover_hz: Tensor) -> Tensor:
    """Return the low-passes, (batch, 2, 6)."""
    return torch.cat([lowpass_coefficients(sample_rate, crossover_hz)] * 2, dim=1)


def _curves(
    sample_rate: float,
    first_sample: int,
    samples: int,
    rate_hz: Tensor,
    phase_degrees: Tensor,
    delay_ms: Tensor,
    depth: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return delays in samples and factors, (batch, samples) each."""
    time = torch.arange(samples, dtype=torch.float64) + first_sample
    turns = rate_hz.double()[:, None] * time / sample_rate
    angle = 2.0 * math.pi * (turns + phase_degrees.double()[:, None] / 360.0)
    away = 0.5 + 0.5 * torch.sin(angle)
    longest = delay_ms.double()[:, None] * (sample_rate / 1_000.0)
    return longest * away, 1.0 - depth.double()[:, None] * away
