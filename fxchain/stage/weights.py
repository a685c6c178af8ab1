"""The weights of a mix, as they are played."""

import torch
from torch import Tensor

from fxchain.dsp.single_precision import power_of_ten

#: The smallest weight that is not silence: −240 dB.
LEAST = 1e-12


def played_weights(weights: Tensor, dtype: torch.dtype) -> Tensor:
    """Return weights of any shape in the precision of the audio.

    On the board a weight is a gain in dB, which float32 rounds; the gradient passes straight
    through that.
    """
    exact = weights.to(dtype)
    if dtype != torch.float32:
        return exact
    with torch.no_grad():
        level_db = 20.0 * torch.log10(weights.double().abs().clamp(min=LEAST))
        gain = power_of_ten(level_db.float() * 0.05) * torch.sign(weights).float()
    return exact + (gain - exact).detach()
