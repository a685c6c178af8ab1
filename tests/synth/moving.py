"""Controls of a voice with which everything that can move moves."""

MOVING = {
    "unison_mix": 0.4,
    "vibrato_depth_cents": 30.0,
    "filter_envelope_octaves": 3.0,
    "cutoff_frequency_hz": 600.0,
    "resonance": 4.0,
    "key_tracking": 0.5,
}
