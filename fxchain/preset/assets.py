"""Assets in presets: embedded as text, or a file beside the preset."""

import base64
import binascii
import hashlib
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

from fxchain.errors import AudioError
from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE
from fxchain.player import Asset, decode_frames
from fxchain.preset.nodes import AssetNode
from fxchain.wording import counted

#: The longest asset, s; impulse responses of halls fade within half of it.
LONGEST_SECONDS = 60.0

Refuse = Callable[[str], Exception]


def encode(asset: Asset) -> dict[str, Any]:
    """Return an asset as it is embedded in a preset."""
    return {
        "data": base64.b64encode(asset.frames).decode(),
        "channels": int(asset.samples.shape[0]),
        "sample_rate": int(asset.sample_rate),
        "sha256": asset.sha256,
    }


def decode(
    name: str, node: AssetNode, folder: Path | None, refuse: Refuse, *, hashed: bool
) -> Asset:
    """Return the asset that a preset embeds or refers to.

    Args:
        name: of the asset, for messages
        node: as it stands in the preset
        folder: where the preset lies; None when it has no place
        refuse: makes the error out of one sentence
        hashed: whether the hash must be given

    Raises:
        what `refuse` returns: neither or both forms, a path outside the folder, an unreadable
        file, another hash, or samples that are none.
    """
    if (node.data is None) == (node.file is None):
        raise refuse(f"{name} needs either 'data' or 'file'")
    if hashed and node.sha256 is None:
        raise refuse(f"{name}.sha256 is missing")
    found = (
        _embedded(name, node, refuse)
        if node.file is None
        else _beside(name, node.file, node, folder, refuse)
    )
    return checked(name, found, refuse)


def checked(name: str, asset: Asset, refuse: Refuse) -> Asset:
    """Return the asset with its samples as (channels, samples) float32.

    Raises:
        what `refuse` returns: wrong shape or rate, not finite, or silent.
    """
    from fxchain.files.audio_input import from_array

    try:
        audio = from_array(asset.samples, asset.sample_rate, name)
    except AudioError as error:
        raise refuse(str(error)) from error
    if not audio.samples.any():
        raise refuse(f"{name} is silent")
    if audio.seconds > LONGEST_SECONDS:
        raise refuse(
            f"{name} lasts {audio.seconds:.0f} s; at most {LONGEST_SECONDS:g} s can be used"
        )
    return Asset(audio.samples, audio.sample_rate)


def _embedded(name: str, node: AssetNode, refuse: Refuse) -> Asset:
    if node.data is None or node.channels is None or node.sample_rate is None:
        raise refuse(f"{name} with 'data' needs 'channels' and 'sample_rate' too")
    try:
        frames = base64.b64decode(node.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refuse(f"{name}.data is not base64") from error
    if not 1 <= node.channels <= 2 or not frames or len(frames) % (4 * node.channels):
        raise refuse(
            f"{name}.data ({counted(len(frames), 'byte')}) is not float32 in "
            f"{counted(node.channels, 'channel')}"
        )
    found = Asset(decode_frames(node.data, node.channels), node.sample_rate)
    _compare(name, node, found.sha256, "data", refuse)
    return found


def _beside(
    name: str, file_name: str, node: AssetNode, folder: Path | None, refuse: Refuse
) -> Asset:
    from fxchain.files.audio_input import read_audio

    if node.channels is not None or node.sample_rate is not None:
        raise refuse(f"{name} with 'file' takes its channels and rate from the file")
    place = _inside(f"{name}.file", file_name, folder, refuse)
    try:
        with place.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        _compare(name, node, found, f"file {file_name!r}", refuse)
        audio = read_audio(place, most_samples=round(2 * LONGEST_SECONDS * HIGHEST_SAMPLE_RATE))
    except (OSError, AudioError) as error:
        raise refuse(f"{name}: {str(error).replace(str(place), file_name)}") from error
    return Asset(audio.samples, audio.sample_rate)


def _inside(field: str, name: str, folder: Path | None, refuse: Refuse) -> Path:
    """Return the place of a file that must lie in the preset's folder, links followed."""
    if folder is None:
        raise refuse(f"{field} is {name!r}, but the preset lies in no folder")
    parts = PureWindowsPath(name)  # its rules see every drive, root and step upwards
    if not name or "\0" in name or parts.drive or parts.root or ".." in parts.parts:
        raise refuse(f"{field} = {name!r} leaves the preset's folder")
    try:
        place = (folder / name).resolve()
        there = place.is_file()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, too long a name
        raise refuse(f"{field} = {_short(name)!r} cannot be a file") from error
    if not place.is_relative_to(folder.resolve()):
        raise refuse(f"{field} = {name!r} leaves the preset's folder")
    if not there:
        raise refuse(f"{field} = {name!r}: there is no such file beside the preset")
    return place


def _short(name: str, most: int = 60) -> str:
    return name if len(name) <= most else f"{name[:most]}…"


def _compare(name: str, node: AssetNode, found: str, what: str, refuse: Refuse) -> None:
    """Refuse content that does not have the hash it should have."""
    if node.sha256 is not None and node.sha256.lower() != found:
        raise refuse(f"{name}: the {what} has another sha256 than the preset says")
