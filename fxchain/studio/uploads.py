"""The check of uploads before a job is created."""

from pathlib import Path

from fxchain.errors import AudioError
from fxchain.files.audio_input import open_audio
from fxchain.studio.jobs import safe_name
from fxchain.studio.limits import Limits


def check_upload(path: str | Path | None, side: str, limits: Limits) -> str:
    """Check an uploaded recording and return its safe name.

    Args:
        path: of the upload; None: there is none
        side: its name in messages, such as `dry`
        limits: how large it may be

    Raises:
        AudioError: naming the file as the user knows it, what is wrong and what to do.
    """
    if path is None:
        raise AudioError(f"there is no {side} recording yet; drop an audio file there")
    place = Path(path)
    name = place.name
    megabytes = place.stat().st_size / 1e6
    if megabytes > limits.megabytes:
        raise AudioError(
            f"{name}: {megabytes:.0f} MB are too much; a file may have {limits.megabytes:g} MB"
        )
    try:
        samples, rate = _read_through(place)
    except AudioError as error:
        raise AudioError(str(error).replace(str(place), name)) from error
    minutes = samples / rate / 60.0
    if minutes > limits.minutes:
        raise AudioError(
            f"{name}: {minutes:.1f} minutes are too long for the studio; cut it to "
            f"{limits.minutes:g}, or use fxchain match on the command line"
        )
    return safe_name(name)


def _read_through(path: Path) -> tuple[int, int]:
    """Return the number of samples read from a file, and its sample rate in Hz."""
    with open_audio(path) as reader:
        return sum(block.shape[1] for block in reader.blocks()), reader.sample_rate
