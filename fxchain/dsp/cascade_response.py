"""The frequency response of a cascade of second-order sections, and its derivatives.

A section is b0 b1 b2 a0 a1 a2. Multiplying numerator and denominator by exp(jω) leaves the
response as it is and turns B into (b0 + b1 + b2) − (b0 + b2)·(1 − cos ω) + j·(b0 − b2)·sin ω,
which loses no digits at low frequencies. One compiled pass over the bins multiplies all sections.
Source of the gradient: d log H = Σ dB/B − dA/A; forwards see `log_slopes`.
"""

import math
from functools import lru_cache
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

from fxchain.dsp.compilation_cache import CACHED


@lru_cache(maxsize=8)
def bin_functions(n_fft: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 − cos ω and sin ω, each (bins,), at the bins of a real FFT of `n_fft` points."""
    omega = 2.0 * math.pi * np.arange(n_fft // 2 + 1) / n_fft
    return 2.0 * np.sin(omega / 2.0) ** 2, np.sin(omega)


@numba.njit(cache=CACHED, nogil=True, fastmath={"contract", "arcp", "nsz"})
def _response(coefficients, versine, sine, real, imag):  # type: ignore[no-untyped-def]
    bins = versine.shape[0]
    for f in range(bins):
        real[f] = 1.0
        imag[f] = 0.0
    for k in range(coefficients.shape[0]):
        b0, b1, b2, a0, a1, a2 = coefficients[k]
        b_sum, b_even, b_odd = b0 + b1 + b2, b0 + b2, b0 - b2
        a_sum, a_even, a_odd = a0 + a1 + a2, a0 + a2, a0 - a2
        for f in range(bins):
            b_real, b_imag = b_sum - b_even * versine[f], b_odd * sine[f]
            a_real, a_imag = a_sum - a_even * versine[f], a_odd * sine[f]
            scale = 1.0 / (a_real * a_real + a_imag * a_imag)
            q_real = (b_real * a_real + b_imag * a_imag) * scale
            q_imag = (b_imag * a_real - b_real * a_imag) * scale
            r = real[f] * q_real - imag[f] * q_imag
            imag[f] = real[f] * q_imag + imag[f] * q_real
            real[f] = r


@numba.njit(cache=CACHED, nogil=True, fastmath={"contract", "arcp", "nsz", "reassoc"})
def _pull_back(coefficients, versine, sine, w_real, w_imag, gradient):  # type: ignore[no-untyped-def]
    """Add Re Σ w · ∂log H/∂coefficient, w = conj(∂L/∂H)·H, to `gradient` (sections, 6)."""
    bins = versine.shape[0]
    for k in range(coefficients.shape[0]):
        for part in range(2):
            c0, c1, c2 = coefficients[k, 3 * part : 3 * part + 3]
            c_sum, c_even, c_odd = c0 + c1 + c2, c0 + c2, c0 - c2
            total_real, total_cosine, total_sine = 0.0, 0.0, 0.0
            for f in range(bins):
                c_real, c_imag = c_sum - c_even * versine[f], c_odd * sine[f]
                power = c_real * c_real + c_imag * c_imag
                scale = 1.0 / power if power > 0.0 else 0.0
                q_real = (w_real[f] * c_real + w_imag[f] * c_imag) * scale
                q_imag = (w_imag[f] * c_real - w_real[f] * c_imag) * scale
                total_real += q_real
                total_cosine += q_real * (1.0 - versine[f])
                total_sine += q_imag * sine[f]
            sign = 1.0 if part == 0 else -1.0
            gradient[k, 3 * part] += sign * (total_cosine - total_sine)
            gradient[k, 3 * part + 1] += sign * total_real
            gradient[k, 3 * part + 2] += sign * (total_cosine + total_sine)


def _evaluate(coefficients: np.ndarray, n_fft: int) -> np.ndarray:
    versine, sine = bin_functions(n_fft)
    real, imag = np.empty_like(versine), np.empty_like(versine)
    _response(coefficients, versine, sine, real, imag)
    return real + 1j * imag


class _CascadeResponse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, coefficients: Tensor, n_fft: int, dtype: torch.dtype) -> Tensor:
        rows = coefficients.detach().double().numpy()
        response = np.stack([_evaluate(row, n_fft) for row in rows])
        ctx.save_for_backward(coefficients)
        ctx.response, ctx.n_fft = response, n_fft
        return torch.from_numpy(response).to(dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (coefficients,) = ctx.saved_tensors
        rows = coefficients.detach().double().numpy()
        weight = gradients[0].detach().resolve_conj().numpy().conj() * ctx.response
        versine, sine = bin_functions(ctx.n_fft)
        out = np.zeros_like(rows)
        for row, w, g in zip(rows, weight, out, strict=True):
            w_real = np.ascontiguousarray(w.real, dtype=np.float64)
            w_imag = np.ascontiguousarray(w.imag, dtype=np.float64)
            _pull_back(row, versine, sine, w_real, w_imag, g)
        return torch.from_numpy(out).to(coefficients.dtype), None, None


def cascade_response(
    coefficients: Tensor, n_fft: int, dtype: torch.dtype = torch.complex64
) -> Tensor:
    """Return the product of the sections' responses, differentiable in the coefficients.

    Args:
        coefficients: (batch, sections, 6), b0 b1 b2 a0 a1 a2
        n_fft: length of the FFT whose non-negative bins are wanted
        dtype: complex64 or complex128

    Returns:
        (batch, n_fft // 2 + 1)
    """
    response: Tensor = _CascadeResponse.apply(coefficients, n_fft, dtype)
    return response
