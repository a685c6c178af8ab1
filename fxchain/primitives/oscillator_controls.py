"""The controls that effects with an oscillator have in common."""

from dataclasses import replace

from fxchain.parameter import ParameterSpec

RATE = ParameterSpec("rate_hz", "Hz", 0.05, 20.0, 1.0, "log")
PHASE = ParameterSpec("phase_degrees", "°", -720.0, 720.0, 0.0)
FEEDBACK = ParameterSpec("feedback", "", -0.95, 0.95, 0.0)
MIX = ParameterSpec("mix", "", 0.0, 1.0, 0.5)
#: Of two oscillators whose periods are tables, and values at which all of them are heard.
TABLE_SWINGS = (
    replace(RATE, low=0.02),
    PHASE,
    replace(RATE, name="second_rate_hz", low=0.02),
    replace(PHASE, name="second_phase_degrees"),
    ParameterSpec("depth", "", 0.0, 2.0, 1.0),
)
TABLE_SWINGS_PROBE = {
    "rate_hz": 4.0,
    "phase_degrees": 60.0,
    "second_rate_hz": 3.1,
    "second_phase_degrees": 200.0,
    "depth": 0.9,
}
#: Feedback behind a high-pass and a low-pass, and values at which all of it is heard.
FEEDBACK_LOOP = (
    FEEDBACK,
    ParameterSpec("loop_highpass_hz", "Hz", 1.0, 2_000.0, 1.0, "log"),
    ParameterSpec("loop_lowpass_hz", "Hz", 500.0, 20_000.0, 20_000.0, "log"),
)
FEEDBACK_LOOP_PROBE = {"feedback": 0.5, "loop_highpass_hz": 100.0, "loop_lowpass_hz": 3_000.0}
