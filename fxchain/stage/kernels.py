"""The frequency response of a linear plugin, captured, kept and differentiated by differences."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from fxchain.primitives import ImpulseResponse, Primitive
from fxchain.primitives.capture import capture

#: Length of a difference, as a share of a control's range.
STEP = 1e-3

#: channels, samples, sample rate in Hz
Shape = tuple[int, int, float]


def kernel_spectrum(
    primitive: Primitive,
    impulse_response: ImpulseResponse | None,
    values: Tensor,
    shape: Shape,
    n_fft: int,
) -> Tensor:
    """Return (batch, channels, bins) or, when channels mix, (batch, out, in, bins).

    Args:
        primitive: an effect whose gradient is `"signal"`
        impulse_response: what it plays through, if it needs one
        values: (batch, size)
        shape: channels, samples and sample rate the response is captured for
        n_fft: length of the FFT
    """
    rows = values.detach().double().numpy()
    return torch.stack(
        [_kept(primitive.kind, _Held(primitive, impulse_response), tuple(row), shape, n_fft)
         for row in rows]
    )  # fmt: skip


def kernel_slope(
    primitive: Primitive,
    impulse_response: ImpulseResponse | None,
    values: Tensor,
    shape: Shape,
    n_fft: int,
    index: int,
) -> Tensor:
    """Return how the response moves along one value, by a difference inside its range.

    Returns:
        as `kernel_spectrum`, batch of one, per unit of the value
    """
    spec = primitive.parameters[index]
    row = values[0].detach().double().numpy()
    position = spec.normalize(float(row[index]))
    ends = np.clip([position - STEP, position + STEP], 0.0, 1.0)
    held = _Held(primitive, impulse_response)
    responses, at = [], []
    for end in ends:
        moved = row.copy()
        moved[index] = float(spec.denormalize(torch.tensor(end, dtype=torch.float64)))
        responses.append(_impulse(held, tuple(moved), shape))
        at.append(moved[index])
    difference = torch.from_numpy((responses[1] - responses[0]) / np.float32(at[1] - at[0]))
    return torch.fft.rfft(difference, n=n_fft)[None]


class _Held:
    """A primitive and its impulse response, hashable by identity for the cache."""

    def __init__(self, primitive: Primitive, impulse_response: ImpulseResponse | None) -> None:
        self.primitive, self.impulse_response = primitive, impulse_response

    def __hash__(self) -> int:
        return hash(id(self.impulse_response))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.impulse_response is other.impulse_response


def _impulse(held: _Held, row: tuple[float, ...], shape: Shape) -> np.ndarray:
    channels, samples, sample_rate = shape
    primitive = held.primitive
    named = {spec.name: float(v) for spec, v in zip(primitive.parameters, row, strict=True)}
    extra = {"impulse_response": held.impulse_response} if held.impulse_response else {}
    if primitive.plugin is None:
        raise ValueError(f"{primitive.kind} has no plugin to capture")
    plugin = primitive.plugin(sample_rate, **named, **extra)
    return capture(plugin, channels, samples, round(sample_rate), coupled=primitive.coupled)


@lru_cache(maxsize=12)
def _kept(kind: str, held: _Held, row: tuple[float, ...], shape: Shape, n_fft: int) -> Tensor:
    return torch.fft.rfft(torch.from_numpy(_impulse(held, row, shape)), n=n_fft)
