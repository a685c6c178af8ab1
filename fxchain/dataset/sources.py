"""The dry recordings of a data set: the files in a folder, each in one split alone."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fxchain.dataset.splits import split_sources
from fxchain.errors import AudioError
from fxchain.files.audio_input import open_audio, readable
from fxchain.files.digest import file_sha256

SUFFIXES = frozenset(
    (".aif", ".aifc", ".aiff", ".au", ".caf", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".w64")
) | {".rf64", ".wav"}


@dataclass(frozen=True)
class Source:
    """A recording that pairs are cut from.

    Attributes:
        file: relative to the folder, with / between its parts
        sha256: of the file
        split: of all pairs that are cut from it
        seconds: its length by its header, s
    """

    file: str
    sha256: str
    split: str
    seconds: float


def find_sources(
    folder: Path,
    seconds: float,
    shares: Sequence[float],
    seed: int,
    notice: Callable[[str], None] = lambda sentence: None,
) -> tuple[Source, ...]:
    """Return the recordings in a folder and the folders in it, in the order of their names.

    Equal files count as one recording, so that none is in two splits.

    Args:
        folder: of audio files; others are passed over
        seconds: what a pair needs, s: shorter recordings are left out
        shares: of the splits
        seed: of which recording is in which split
        notice: called with a sentence about what is left out

    Raises:
        AudioError: there is no such folder, no recording that is long enough, or one is damaged.
        MatchError: there are too few for the splits.
    """
    if not folder.is_dir():
        raise AudioError(f"{readable(folder)}: there is no such folder; check the name")
    found: dict[str, tuple[str, float]] = {}
    short = 0
    for path in _audio_files(folder):
        with open_audio(path) as reader:
            length = reader.announced_length / reader.sample_rate
        if length < seconds:
            short += 1
            continue
        found.setdefault(file_sha256(path), (path.relative_to(folder).as_posix(), length))
    if not found:
        raise AudioError(
            f"{readable(folder)}: there is no audio file of {seconds:g} s or more in it; give "
            "another folder, or fewer --seconds"
        )
    if short:
        notice(f"{readable(folder)}: {short} shorter than {seconds:g} s are left out")
    splits = split_sources(list(found), shares, seed)
    sources = [
        Source(file, digest, splits[digest], length) for digest, (file, length) in found.items()
    ]
    return tuple(sorted(sources, key=lambda source: source.file))


def _audio_files(folder: Path) -> Iterator[Path]:
    """Yield the audio files below a folder in the order of their names, hidden ones left out."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield Path(place) / name
