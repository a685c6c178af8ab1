"""The controls that all sources of a voice share: ranges and units."""

from fxchain.parameter import ParameterSpec

CONTROLS: tuple[ParameterSpec, ...] = (
    ParameterSpec("amp_attack_ms", "ms", 1.0, 1_000.0, 5.0, "log"),
    ParameterSpec("amp_decay_ms", "ms", 10.0, 3_000.0, 300.0, "log"),
    ParameterSpec("amp_sustain", "", 0.0, 1.0, 0.7),
    ParameterSpec("amp_release_ms", "ms", 5.0, 1_000.0, 50.0, "log"),
    ParameterSpec("cutoff_frequency_hz", "Hz", 60.0, 16_000.0, 8_000.0, "log"),
    ParameterSpec("resonance", "Q", 0.5, 10.0, 0.7, "log"),
    ParameterSpec("key_tracking", "", 0.0, 1.0, 0.0),
    ParameterSpec("filter_envelope_octaves", "octaves", 0.0, 6.0, 0.0),
    ParameterSpec("filter_attack_ms", "ms", 1.0, 1_000.0, 5.0, "log"),
    ParameterSpec("filter_decay_ms", "ms", 10.0, 3_000.0, 300.0, "log"),
    ParameterSpec("filter_sustain", "", 0.0, 1.0, 0.5),
    ParameterSpec("filter_release_ms", "ms", 5.0, 1_000.0, 50.0, "log"),
    ParameterSpec("vibrato_rate_hz", "Hz", 1.0, 10.0, 5.0, "log"),
    ParameterSpec("vibrato_depth_cents", "cents", 0.0, 100.0, 0.0),
    ParameterSpec("unison_detune_cents", "cents", 1.0, 30.0, 8.0, "log"),
    ParameterSpec("unison_mix", "", 0.0, 1.0, 0.0),
    ParameterSpec("velocity_to_level", "", 0.0, 1.0, 0.5),
)

#: What a source counts in the sum.
WEIGHT = ParameterSpec("weight", "", 0.0, 1.0, 0.5)
#: Gain of a voice, dB.
LEVEL = ParameterSpec("level_db", "dB", -120.0, 60.0, 0.0)
