"""The envelope: attack, decay, sustain, release."""

from typing import Any


def envelope(xp: Any, times: Any, gate_seconds: float, controls: Any, prefix: str) -> Any:
    """Return the envelope in closed form.

    It rises linearly to 1, falls to the sustain level with the time constant of the decay, and
    from the end of the gate to 0 with that of the release.

    Args:
        xp: numpy or torch
        times: (times,) since the beginning of the note, s
        gate_seconds: when the note is released
        controls: has `{prefix}_attack_ms`, `_decay_ms`, `_sustain` and `_release_ms`
        prefix: of their names

    Returns:
        (times,), 0 to 1
    """
    attack = 1e-3 * controls[f"{prefix}_attack_ms"]
    decay = 1e-3 * controls[f"{prefix}_decay_ms"]
    release = 1e-3 * controls[f"{prefix}_release_ms"]
    sustain = controls[f"{prefix}_sustain"]
    held = xp.clip(times, 0.0, gate_seconds)
    behind = xp.clip(held - attack, 0.0, None)
    rising = xp.clip(held / attack, 0.0, 1.0)
    falling = sustain + (1.0 - sustain) * xp.exp(-behind / decay)
    return rising * falling * xp.exp(-xp.clip(times - gate_seconds, 0.0, None) / release)
