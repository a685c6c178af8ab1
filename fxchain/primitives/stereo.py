"""Stereo: width and balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives.base import Primitive

if TYPE_CHECKING:
    from torch import Tensor


def process(audio: Tensor, playback: Playback, width: Tensor, balance_db: Tensor) -> Tensor:
    """Scale the side signal and set the balance; mono stays as it is.

    Args:
        audio: (batch, channels, time)
        playback: sample rate and position of the audio
        width: (batch,), factor of the side signal: 0 makes it mono, 1 leaves it
        balance_db: (batch,), level of the left channel against the right

    Returns:
        (batch, channels, time)

    Source:
        middle and side, (left ± right)/2; half of the balance raises one channel, half lowers the
        other.
    """
    import torch

    if audio.shape[1] < 2:
        return audio.clone()
    wide = width.double()[:, None]
    ratio = 10.0 ** (balance_db.double()[:, None] / 40.0)
    left, right = audio[:, 0], audio[:, 1]
    same, other = ((1.0 + wide) / 2.0, (1.0 - wide) / 2.0)
    rows = [
        (same * ratio).to(audio.dtype) * left + (other * ratio).to(audio.dtype) * right,
        (other / ratio).to(audio.dtype) * left + (same / ratio).to(audio.dtype) * right,
    ]
    return torch.stack(rows, dim=1)


def render(audio: np.ndarray, playback: Playback, width: float, balance_db: float) -> np.ndarray:
    """Return the same in numpy; (channels, samples)."""
    if audio.shape[0] < 2:
        return audio.copy()
    ratio = 10.0 ** (balance_db / 40.0)
    same, other = (1.0 + width) / 2.0, (1.0 - width) / 2.0
    rows = np.array([[same * ratio, other * ratio], [other / ratio, same / ratio]], np.float32)
    return rows @ audio


REALTIME = """
class Stereo : public Effect<StereoKnobs> {
  float left_left = 1.0f, left_right = 0.0f, right_left = 0.0f, right_right = 1.0f;

  void set(const StereoKnobs& knobs) override {
    const double ratio = power_of_ten(knobs.balance_db / 40.0);
    const double same = (1.0 + knobs.width) / 2.0, other = (1.0 - knobs.width) / 2.0;
    left_left = static_cast<float>(same * ratio);
    left_right = static_cast<float>(other * ratio);
    right_left = static_cast<float>(other / ratio);
    right_right = static_cast<float>(same / ratio);
  }

  void play(float* const* audio, int count) override {
    if (channels < 2) return;
    for (int t = 0; t < count; ++t) {
      const float left = audio[0][t], right = audio[1][t];
      audio[0][t] = left_left * left + left_right * right;
      audio[1][t] = right_left * left + right_right * right;
    }
  }
};
"""


PRIMITIVE = Primitive(
    kind="stereo",
    summary="Widens or narrows the stereo image and shifts its balance.",
    nature="filter",
    purpose="width",
    parameters=(
        ParameterSpec("width", "", 0.0, 2.0, 1.0, prior_deviation=0.35, stereo_only=True),
        ParameterSpec("balance_db", "dB", -12.0, 12.0, 0.0, prior_deviation=1.5, stereo_only=True),
    ),
    gradient="full",
    process=process,
    render=render,
    cross_channel=True,
    neutral={"width": 1.0, "balance_db": 0.0},
    probe={"width": 1.4, "balance_db": 3.0},
    realtime=REALTIME,
)
