"""A click."""

from typing import Any

from fxchain.parameter import ParameterSpec
from fxchain.synth.drum.sources.base import DrumSource


def click(xp: Any, hit: Any, decay_ms: Any) -> Any:
    """Return a pulse that decays exponentially: an impulse through a low-pass of first order.

    Args:
        xp: numpy or torch
        hit: see `Sound`
        decay_ms: its time constant; its spectrum falls from 1/(2π · decay) on
    """
    return xp.exp(-hit.times / (1e-3 * decay_ms))


_REALTIME = """
  double level_ = 1.0;

  void start(std::uint64_t) override { level_ = 1.0; }

  void play(const double* values, double weight, double* sum, int count, DrumWork& work) override {
    const double fall = exp(-1e3 / (work.rate * ClickKnobs(values).decay_ms));
    for (int t = 0; t < count; ++t) {
      sum[t] += weight * level_;
      level_ *= fall;
    }
  }
"""

SOURCE = DrumSource(
    "click",
    "Click",
    click,
    (ParameterSpec("decay_ms", "ms", 0.02, 5.0, 0.3, "log"),),
    realtime=_REALTIME,
)
