"""Elementary functions as the C library rounds them in float32.

pedalboard computes with these. torch's and numpy's own float32 versions differ from them by a
last digit now and then. That is enough to move a filter at 100 Hz by a hundredth of a decibel,
since 1 − cos ω is tiny there, and to let the rounding of a filter further on go another way.
float64 values go through torch.
"""

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED

_ONE = "float32(float32)"
_TWO = "float32(float32, float32)"


@numba.vectorize([_ONE], cache=CACHED)
def _sine(x):  # type: ignore[no-untyped-def]
    return math.sin(x)


@numba.vectorize([_ONE], cache=CACHED)
def _cosine(x):  # type: ignore[no-untyped-def]
    return math.cos(x)


@numba.vectorize([_ONE], cache=CACHED)
def _tangent(x):  # type: ignore[no-untyped-def]
    return math.tan(x)


@numba.vectorize([_ONE], cache=CACHED)
def _square_root(x):  # type: ignore[no-untyped-def]
    return math.sqrt(x)


@numba.vectorize([_ONE], cache=CACHED)
def _hyperbolic_tangent(x):  # type: ignore[no-untyped-def]
    return math.tanh(x)


@numba.vectorize([_TWO], cache=CACHED)
def _power(base, exponent):  # type: ignore[no-untyped-def]
    if base == 1:
        return base
    return math.pow(base, exponent)


def _either(rounded: Callable[..., object], exact: Callable[..., Tensor], *x: Tensor) -> Tensor:
    if x[0].dtype != torch.float32:
        return exact(*x)
    return torch.as_tensor(rounded(*(argument.detach().numpy() for argument in x)))


def sine(x: Tensor) -> Tensor:
    """Return sin x, x in radians; float32 values get no gradient."""
    return _either(_sine, torch.sin, x)


def cosine(x: Tensor) -> Tensor:
    """Return cos x, x in radians; float32 values get no gradient."""
    return _either(_cosine, torch.cos, x)


def tangent(x: Tensor) -> Tensor:
    """Return tan x, x in radians; float32 values get no gradient."""
    return _either(_tangent, torch.tan, x)


def square_root(x: Tensor) -> Tensor:
    """Return √x; float32 values get no gradient."""
    return _either(_square_root, torch.sqrt, x)


def power_of_ten(x: Tensor) -> Tensor:
    """Return 10^x; float32 values get no gradient."""
    return _either(_power, torch.pow, torch.full_like(x, 10.0), x)


class _HyperbolicTangent(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, rounds: Callable[..., object]) -> Tensor:
        output = _either(rounds, torch.tanh, x)
        ctx.save_for_backward(output)
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (output,) = ctx.saved_tensors
        return gradients[0] * (1.0 - output * output), None


class _Power(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, base: Tensor, exponent: Tensor) -> Tensor:
        output = _either(_power, torch.pow, base, exponent)
        ctx.save_for_backward(base, exponent, output)
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        base, exponent, output = ctx.saved_tensors
        weighted = gradients[0] * output
        of_exponent = (weighted * torch.log(base)).sum_to_size(exponent.shape)
        return (weighted * exponent / base).sum_to_size(base.shape), of_exponent


class _Gain(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gain_db: Tensor) -> Tensor:
        output = power_of_ten(gain_db.float() * 0.05)
        ctx.save_for_backward(output)
        ctx.precision = gain_db.dtype
        return output

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (output,) = ctx.saved_tensors
        slope: Tensor = gradients[0] * output * (math.log(10.0) / 20.0)
        return slope.to(ctx.precision)


def hyperbolic_tangent(x: Tensor) -> Tensor:
    """Return tanh x, differentiably."""
    made: Tensor = _HyperbolicTangent.apply(x, _hyperbolic_tangent)
    return made


def hyperbolic_tangent_of_numpy(x: Tensor) -> Tensor:
    """Return tanh x as numpy rounds it, for effects that numpy plays on the board."""
    made: Tensor = _HyperbolicTangent.apply(x, np.tanh)
    return made


def power(base: Tensor, exponent: Tensor) -> Tensor:
    """Return base^exponent for positive bases, differentiably; shapes are broadcast."""
    made: Tensor = _Power.apply(base, exponent)
    return made


def decibels_to_gain(gain_db: Tensor, dtype: torch.dtype) -> Tensor:
    """Return 10^(dB/20) in a precision, differentiably."""
    if dtype != torch.float32:
        return torch.pow(10.0, gain_db.to(dtype) * 0.05)
    made: Tensor = _Gain.apply(gain_db)
    return made


def rounded(x: Tensor) -> Tensor:
    """Return float64 values rounded to float32, as float64; the gradient passes straight through.

    What it is for: pedalboard takes controls as float32.
    """
    return x + (x.float().double() - x).detach()
