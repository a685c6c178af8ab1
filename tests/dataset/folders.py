"""Small data sets for the tests."""

from pathlib import Path

from fxchain.data.signals import plucked_strings
from fxchain.dataset.options import DatasetOptions
from fxchain.dataset.run import DatasetResources, make_dataset
from fxchain.files.audio_output import write_audio

RATE = 16_000


def asked(**changes):
    """Return the options of a data set that is made quickly."""
    usual = {"count": 6, "seconds": 1.0, "sample_rates": (RATE,)}
    return DatasetOptions(**{**usual, **changes})


def make(folder, options=None, sources=None, **keywords):
    """Make a data set in this process."""
    make_dataset(Path(folder), options or asked(), sources, DatasetResources(1), **keywords)


def contents(folder):
    """Return the bytes of every file in a folder by its name."""
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def recordings(folder, count=4, seconds=1.5):
    """Fill a folder with recordings, some of them in another folder inside."""
    (folder / "more").mkdir(parents=True)
    for number in range(count):
        place = folder / "more" if number % 2 else folder
        audio = plucked_strings(seconds, 2 * RATE, number)
        write_audio(place / f"take {number}.wav", audio, 2 * RATE)
    (folder / "notes.txt").write_text("no audio")
    return folder
