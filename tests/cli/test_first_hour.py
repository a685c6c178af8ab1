"""What a newcomer tries first: no folder for results, a folder as a file, what is installed."""

import os

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.cli.numpy_stages import numpy_sentence
from fxchain.data.signals import plucked_strings
from fxchain.errors import AudioError
from fxchain.files.audio_input import read_audio

RATE = 16_000


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.mark.parametrize(
    "name, folder", [("wet.wav", "wet-match"), ("my amp.v2.wav", "my amp.v2-match")]
)
def test_a_match_without_out_writes_into_a_folder_named_after_the_wet(
    tmp_path, monkeypatch, name, folder
):
    monkeypatch.chdir(tmp_path)
    dry = plucked_strings(3.0, RATE)
    os.mkdir("elsewhere")
    soundfile.write("dry.wav", dry.T, RATE, "FLOAT")
    soundfile.write(f"elsewhere/{name}", 0.5 * dry.T, RATE, "FLOAT")
    (tmp_path / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    options = ("--chain", "gain.json", "--iterations", 2)
    result = run("match", "dry.wav", f"elsewhere/{name}", *options)
    assert result.exit_code == 0, result.output
    assert f"the results will be in {folder}; another folder: --out DIR" in result.stderr
    assert (tmp_path / folder / "preset.json").is_file()
    assert f"next: open {folder}/report.html in a browser" in result.stdout
    again = run("match", "dry.wav", f"elsewhere/{name}", *options)
    assert again.exit_code == 2 and "--force" in again.stderr


@pytest.mark.parametrize("count", [0, 1, 6, 7, 20])
def test_a_folder_as_a_recording_is_refused_with_what_is_in_it(tmp_path, count):
    names = sorted(
        f"take {number}.wav" for number in np.random.default_rng(count).permutation(count)
    )
    for name in [*names, ".hidden"]:
        (tmp_path / name).touch()
    with pytest.raises(AudioError) as refused:
        read_audio(tmp_path)
    said = str(refused.value).partition("give the name of an audio file ")[2]
    more = f" and {count - 6} more" if count > 6 else ""
    assert said == (f"(in it: {', '.join(names[:6])}{more})" if count else "(it is empty)")


def test_doctor_says_what_is_installed_and_where_there_is_room():
    result = run("doctor")
    assert result.exit_code == 0, result.output
    for word in ("fxchain", "python", "torch", "threads", "WAV", "FLAC", "GB free", "nothing that"):
        assert word in result.output
    rows = result.output.splitlines()[:-1]
    begins = {row.index(row.split("  ", 1)[1].lstrip()) for row in rows}
    assert len(begins) == 1  # all in one column


@pytest.mark.parametrize("count", [1, 2, *np.random.default_rng(6).integers(3, 9, 3)])
def test_all_effects_that_numpy_plays_stand_in_one_sentence(count):
    stages = [f"chain[{number}] (waveshaper)" for number in range(count)]
    said = numpy_sentence(stages, "board.py")
    assert all(said.count(stage) == 1 for stage in stages)
    has, it = ("has", "it") if count == 1 else ("have", "them")
    assert said.endswith(f"{stages[-1]} {has} no pedalboard plugin; board.py plays {it} in numpy")


def test_doctor_says_how_to_install_what_is_missing(monkeypatch):
    from importlib import metadata

    version = metadata.version

    def without_numba(name):
        if name in ("numba", "gradio"):
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without_numba)
    result = run("doctor")
    assert result.exit_code == 1
    assert "missing: numba; install with: pip install numba" in result.output
    assert "pip install 'fxchain[studio]'" in result.output
