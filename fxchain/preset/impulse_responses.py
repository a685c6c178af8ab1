"""Impulse responses in presets: embedded as text, or a file beside the preset."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

from fxchain.errors import AudioError
from fxchain.files.audio_input import HIGHEST_SAMPLE_RATE, from_array, read_audio
from fxchain.player import decode_frames
from fxchain.preset.nodes import ImpulseResponseNode
from fxchain.primitives import ImpulseResponse

#: The longest response that is played, s; halls fade within half of it.
LONGEST_SECONDS = 60.0

Refuse = Callable[[str], Exception]


def encode(impulse_response: ImpulseResponse) -> dict[str, Any]:
    """Return the impulse response as it is embedded in a preset."""
    frames = impulse_response.frames
    return {
        "data": base64.b64encode(frames).decode(),
        "channels": int(impulse_response.samples.shape[0]),
        "sample_rate": int(impulse_response.sample_rate),
        "sha256": hashlib.sha256(frames).hexdigest(),
    }


def decode(
    node: ImpulseResponseNode, folder: Path | None, refuse: Refuse, *, hashed: bool
) -> ImpulseResponse:
    """Return the impulse response that a preset embeds or refers to.

    Args:
        node: as it stands in the preset
        folder: where the preset lies; None when it has no place
        refuse: makes the error out of one sentence
        hashed: whether the hash must be given

    Raises:
        what `refuse` returns: neither or both forms, a path outside the folder, an unreadable
        file, another hash, or samples that are none.
    """
    if (node.data is None) == (node.file is None):
        raise refuse("impulse_response needs either 'data' or 'file'")
    if hashed and node.sha256 is None:
        raise refuse("impulse_response.sha256 is missing")
    found = _embedded(node, refuse) if node.file is None else _beside(node, folder, refuse)
    return checked(found, refuse)


def checked(impulse_response: ImpulseResponse, refuse: Refuse) -> ImpulseResponse:
    """Return the impulse response with its samples as (channels, samples) float32.

    Raises:
        what `refuse` returns: wrong shape or rate, not finite, or silent.
    """
    try:
        audio = from_array(
            impulse_response.samples, impulse_response.sample_rate, "impulse_response"
        )
    except AudioError as error:
        raise refuse(str(error)) from error
    if not audio.samples.any():
        raise refuse("impulse_response is silent")
    if audio.seconds > LONGEST_SECONDS:
        raise refuse(
            f"impulse_response lasts {audio.seconds:.0f} s; at most {LONGEST_SECONDS:g} s can be "
            "used"
        )
    return ImpulseResponse(audio.samples, audio.sample_rate)


def _embedded(node: ImpulseResponseNode, refuse: Refuse) -> ImpulseResponse:
    if node.data is None or node.channels is None or node.sample_rate is None:
        raise refuse("impulse_response with 'data' needs 'channels' and 'sample_rate' too")
    try:
        frames = base64.b64decode(node.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse("impulse_response.data is not base64") from error
    if not 1 <= node.channels <= 2 or not frames or len(frames) % (4 * node.channels):
        raise refuse(
            f"impulse_response.data ({len(frames)} bytes) is not float32 in {node.channels} "
            "channel(s)"
        )
    _compare(node, hashlib.sha256(frames).hexdigest(), "data", refuse)
    return ImpulseResponse(decode_frames(node.data, node.channels), node.sample_rate)


def _beside(node: ImpulseResponseNode, folder: Path | None, refuse: Refuse) -> ImpulseResponse:
    if node.channels is not None or node.sample_rate is not None:
        raise refuse("impulse_response with 'file' takes its channels and rate from the file")
    place = _inside(node.file or "", folder, refuse)
    try:
        with place.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        _compare(node, found, f"file {node.file!r}", refuse)
        audio = read_audio(place, most_samples=round(2 * LONGEST_SECONDS * HIGHEST_SAMPLE_RATE))
    except (OSError, AudioError) as error:
        raise refuse(
            f"impulse_response: {str(error).replace(str(place), node.file or '')}"
        ) from error
    return ImpulseResponse(audio.samples, audio.sample_rate)


def _inside(name: str, folder: Path | None, refuse: Refuse) -> Path:
    """Return the place of a file that must lie in the preset's folder, links followed."""
    if folder is None:
        raise refuse(f"impulse_response.file is {name!r}, but the preset lies in no folder")
    parts = PureWindowsPath(name)  # its rules see every drive, root and step upwards
    if not name or "\0" in name or parts.drive or parts.root or ".." in parts.parts:
        raise refuse(f"impulse_response.file = {name!r} leaves the preset's folder")
    try:
        place = (folder / name).resolve()
        there = place.is_file()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, too long a name
        raise refuse(f"impulse_response.file = {_short(name)!r} cannot be a file") from error
    if not place.is_relative_to(folder.resolve()):
        raise refuse(f"impulse_response.file = {name!r} leaves the preset's folder")
    if not there:
        raise refuse(f"impulse_response.file = {name!r}: there is no such file beside the preset")
    return place


def _short(name: str, most: int = 60) -> str:
    return name if len(name) <= most else f"{name[:most]}…"


def _compare(node: ImpulseResponseNode, found: str, what: str, refuse: Refuse) -> None:
    """Refuse content that does not have the hash it should have."""
    if node.sha256 is not None and node.sha256.lower() != found:
        raise refuse(f"impulse_response: the {what} has another sha256 than the preset says")
