"""A measurement as JSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.measuring.background import Background
from fxchain.measuring.measurement import BEFORE_DIRECT_SOUND, Level, Measurement

FORMAT, VERSION = "fxchain-measurement", 1
#: The tone at which single figures are stated, Hz.
TONE_HZ = 1_000.0


def document(found: Measurement) -> dict[str, Any]:
    """Return what `measurement.json` holds; a level that is not known is null."""
    rate = found.signal.sample_rate
    return {
        "format": FORMAT,
        "version": VERSION,
        "recording": Path(found.name).name,
        "sample_rate": rate,
        "sweep_seconds": found.signal.seconds,
        "latency_samples": round(found.latency_samples, 4) + 0.0,
        "latency_ms": round(1e3 * found.latency_samples / rate, 5) + 0.0,
        "polarity": "+" if found.polarity > 0 else "-",
        "drift_ppm": round(found.drift_ppm, 4) + 0.0,
        "background": _background(found.background),
        "linear_response": {
            "file": "linear-response.wav",
            "input_dbfs": found.levels[0].input_dbfs,
            "direct_sound_sample": BEFORE_DIRECT_SOUND,
        },
        "frequencies_hz": _numbers(found.frequencies_hz, 3),
        "levels": [_level(level, found.frequencies_hz) for level in found.levels],
        "notes": list(found.notes),
    }


def to_json(found: Measurement) -> str:
    """Return the text of `measurement.json`; equal measurements give equal bytes."""
    return json.dumps(document(found), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def distortion_percent(level: Level, frequencies_hz: np.ndarray) -> float:
    """Return the total harmonic distortion at the tone, of the orders that are known, %."""
    at = int(np.argmin(np.abs(frequencies_hz - TONE_HZ)))
    known = [curve[at] for curve in level.harmonics_db.values() if np.isfinite(curve[at])]
    power = sum(10.0 ** ((each - level.gain_db[at]) / 10.0) for each in known)
    return float(100.0 * np.sqrt(power))


def tone_gain_db(level: Level, frequencies_hz: np.ndarray) -> float:
    """Return the gain of the fundamental at the tone, dB."""
    return float(np.interp(TONE_HZ, frequencies_hz, level.gain_db))


def _level(level: Level, frequencies_hz: np.ndarray) -> dict[str, Any]:
    return {
        "input_dbfs": level.input_dbfs,
        "gain_db_at_1khz": round(tone_gain_db(level, frequencies_hz), 4) + 0.0,
        "distortion_percent_at_1khz": round(distortion_percent(level, frequencies_hz), 4),
        "gain_db": _numbers(level.gain_db, 4),
        "harmonics_db": {str(n): _numbers(curve, 3) for n, curve in level.harmonics_db.items()},
        "noise_db": _numbers(level.noise_db, 2),
    }


def _background(found: Background) -> dict[str, Any]:
    hum = None
    if found.hum is not None:
        levels = {str(order): level for order, level in found.hum.levels_dbfs.items()}
        hum = {"frequency_hz": found.hum.frequency_hz, "levels_dbfs": levels}
    return {
        "seconds": round(found.seconds, 3),
        "noise_dbfs": round(found.noise_dbfs, 3) if np.isfinite(found.noise_dbfs) else None,
        "constant": round(found.constant, 9),
        "hum": hum,
        "third_octaves": [{"hz": hz, "dbfs": level} for hz, level in found.bands],
    }


def _numbers(values: np.ndarray, digits: int) -> list[float | None]:
    return [round(float(each), digits) if np.isfinite(each) else None for each in values]
