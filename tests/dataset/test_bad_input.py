"""Options, folders and recordings that no data set can be made of are one line each."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.files.audio_output import write_audio
from tests.dataset.folders import RATE, asked, make, recordings

QUICK = {"--count": "2", "--seconds": "1", "--sample-rates": str(RATE), "--workers": "1"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with recordings and places that cannot be used."""
    monkeypatch.chdir(tmp_path)
    recordings(tmp_path / "sources")
    Path("empty").mkdir()
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    recordings(tmp_path / "damaged", 3)
    Path("damaged/z.wav").write_bytes(b"RIFF and no more")
    write_audio("silent.wav", np.zeros((1, 2 * RATE), np.float32), RATE)
    Path("silence").mkdir()
    Path("silent.wav").rename("silence/silent.wav")
    return tmp_path


def line_of(changes, *flags):
    given = {**QUICK, "--out": "set", **changes}
    words = [word for pair in given.items() for word in pair]
    result = CliRunner().invoke(app, ["dataset", *words, *flags])
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    return result.stderr


OPTIONS = {
    "no pairs": ({"--count": "0"}, "--count 0: give 1 to"),
    "negative seed": ({"--seed": "-1"}, "--seed -1: give 0 or more"),
    "short": ({"--seconds": "0.2"}, "--seconds 0.2: give 1 to 600"),
    "endless": ({"--seconds": "inf"}, "--seconds inf: give 1 to 600"),
    "low rate": ({"--sample-rates": "8000"}, "--sample-rates 8000: give 16000 to 192000 Hz"),
    "words": ({"--sample-rates": "cd"}, "--sample-rates cd: give whole numbers in Hz"),
    "twice": ({"--sample-rates": "44100,44100"}, "--sample-rates: give each rate once"),
    "format": ({"--format": "mp3"}, "--format mp3: give flac or wav"),
    "splits": ({"--splits": "50,50"}, "--splits 50,50: give the percentages"),
    "workers": ({"--workers": "0"}, "--workers 0: give at least 1"),
    "no folder": ({"--sources": "gone"}, "gone: there is no such folder"),
    "nothing in it": ({"--sources": "empty"}, "empty: there is no audio file of 1 s or more"),
    "too short": ({"--sources": "sources", "--seconds": "5"}, "no audio file of 5 s or more"),
    "damaged": ({"--sources": "damaged"}, "damaged/z.wav: "),
    "too few": ({"--sources": "silence"}, "1 different recordings are too few for 3 splits"),
    "silent": ({"--sources": "silence", "--splits": "100,0,0"}, "silent.wav: nearly silent"),
    "full": ({"--out": "full"}, "full: the folder has files in it"),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_a_reason_in_one_line(folder, name):
    changes, reason = OPTIONS[name]
    assert reason in line_of(changes)


def test_a_data_set_is_not_overwritten_nor_mixed_with_another(folder):
    make("set", asked(count=3))
    assert "set: there is a data set in it; go on with it by --resume" in line_of({})
    other = line_of({"--seed": "1"}, "--resume")
    assert "set: the data set in it has other options or sources" in other
    assert "has 3 pairs, more than --count 2" in line_of({}, "--resume")
    assert "empty: there is no dataset.json in it" in line_of({"--out": "empty"}, "--resume")
    preset = Path("set/pairs/00000/00000001.json")
    preset.write_text("{}")
    assert "00000001.json: this is not the preset of pair" in line_of({"--count": "3"}, "--resume")


def test_a_cluster_that_is_not_there(folder):
    found = line_of({"--scheduler": "nowhere"})
    assert "--scheduler nowhere: no Dask scheduler answers there" in found
