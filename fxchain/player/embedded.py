"""Assets written as text."""

import base64

import numpy as np


def decode_frames(text: str, channels: int) -> np.ndarray:
    """Return the (channels, samples) of base64 little-endian float32 frames."""
    frames = np.frombuffer(base64.b64decode(text), dtype="<f4").reshape(-1, channels)
    return np.ascontiguousarray(frames.T, dtype=np.float32)
