"""The controls that effects with an oscillator have in common."""

from fxchain.parameter import ParameterSpec

RATE = ParameterSpec("rate_hz", "Hz", 0.05, 20.0, 1.0, "log")
PHASE = ParameterSpec("phase_degrees", "°", -720.0, 720.0, 0.0)
FEEDBACK = ParameterSpec("feedback", "", -0.95, 0.95, 0.0)
MIX = ParameterSpec("mix", "", 0.0, 1.0, 0.5)
