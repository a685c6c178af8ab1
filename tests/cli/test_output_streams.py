"""Output in any encoding; a stream that cannot be written to loses text and nothing else."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fxchain.cli.output_streams import OutputStream, output_streams
from fxchain.data.signals import plucked_strings

HOME = Path(__file__).parents[2]
PROGRAM = "from fxchain.cli import main; main()"
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")


class Full(io.RawIOBase):
    """A file on a full disk."""

    def writable(self):
        return True

    def write(self, data):
        raise OSError(28, "No space left on device")


class Gone(Full):
    """A pipe whose reader has ended."""

    def write(self, data):
        raise BrokenPipeError(32, "Broken pipe")


def stream(raw=None, encoding="utf-8", errors="strict"):
    return io.TextIOWrapper(io.BufferedWriter(raw or Sink()), encoding, errors)


class Sink(io.RawIOBase):
    """Keeps what is written."""

    def __init__(self):
        super().__init__()
        self.data = b""

    def writable(self):
        return True

    def write(self, data):
        self.data += bytes(data)
        return len(data)


@pytest.fixture
def streams(monkeypatch):
    """Return what sets both streams."""

    def put(out, err):
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)

    return put


@pytest.mark.parametrize(
    "encoding", ["ascii", "cp437", "latin-1", "cp1252", "koi8-r", "shift_jis", "utf-8"]
)
def test_what_an_encoding_does_not_have_is_replaced(streams, encoding):
    out, err = Sink(), Sink()
    streams(stream(out, encoding), stream(err, encoding, "backslashreplace"))
    text = "20 … 20000 Hz −3 dB ╭─ Gr\udcfc\udcdfe 🎸\n"
    with output_streams():
        print(text, end="")
        print(text, end="", file=sys.stderr)
        sys.stdout.flush()
    assert out.data.decode(encoding).startswith("20 ")
    assert len(out.data.decode(encoding)) == len(text) and "\\udcfc" in err.data.decode(encoding)


def test_text_on_a_full_disk_is_lost_and_the_other_stream_says_so(streams):
    said = Sink()
    streams(stream(Full()), stream(said))
    done = []
    with pytest.raises(SystemExit) as left, output_streams():
        for _ in range(1_000):
            print("a line of the results", flush=True)
        done.append("all of it")
    assert left.value.code == 1 and done
    (line,) = said.data.decode().splitlines()
    assert line.startswith("error: standard output cannot be written to (No space left on device)")


def test_the_code_of_a_command_stays(streams):
    said = Sink()
    streams(stream(said), stream(Full()))
    with pytest.raises(SystemExit) as left, output_streams():
        print("error: a reason", file=sys.stderr)
        raise SystemExit(2)
    assert left.value.code == 2 and b"standard error cannot be written to" in said.data


def test_a_reader_that_has_gone_ends_the_work(streams):
    streams(stream(Gone()), stream())
    with pytest.raises(BrokenPipeError), output_streams():
        print("to nobody", flush=True)
        raise AssertionError("went on")
    assert isinstance(sys.stdout, OutputStream)


def test_a_closed_stream_is_no_error(streams):
    streams(None, None)
    with output_streams():
        print("to nobody")
        sys.stderr.close()
    sys.stdout.close()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the current folder, with a preset and a pair."""
    monkeypatch.chdir(tmp_path)
    stage = {"primitive": "gain", "version": 1, "parameters": {"gain_db": -6.0}}
    preset = {"format": "fxchain-preset", "version": 1, "sample_rate": 16_000, "stage": stage}
    Path("p.json").write_text(json.dumps(preset))
    dry = plucked_strings(0.8, 16_000)[0]
    soundfile.write("d.wav", dry, 16_000, "FLOAT")
    soundfile.write(b"Verst\xe4rker.wav", 0.5 * dry, 16_000, "FLOAT", format="WAV")
    Path("gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    return tmp_path


def program(*arguments, encoding="utf-8", **streams):
    """Run the program as a user does."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": str(HOME), "PYTHONIOENCODING": encoding},
        stdin=subprocess.DEVNULL,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        (["show", "p.json"], "ascii"),
        (["primitives"], "cp437"),
        (["--help"], "latin-1"),
    ],
)
def test_commands_in_another_encoding(folder, words, encoding):
    done = program(*words, encoding=encoding)
    assert done.returncode == 0 and not done.stderr and done.stdout.decode(encoding)


@FULL
def test_a_match_with_a_latin_name_onto_a_full_disk_is_kept(folder):
    options = ["--chain", "gain.json", "--iterations", "1"]
    with open("/dev/full", "wb") as full:
        done = program(
            "match", "d.wav", b"Verst\xe4rker.wav", "--out", b"Gr\xfc/o", *options, stdout=full
        )
    assert done.returncode == 1, done.stderr
    assert b"standard output cannot be written to (No space left" in done.stderr
    found = Path(os.fsdecode(b"Gr\xfc/o"))
    metrics = json.loads((found / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["fitted"]["esr"] < 1e-3
    assert re.search("Verst.rker", (found / "report.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", range(3))
def test_commands_take_and_print_names_that_are_no_utf_8(folder, seed):
    rng = np.random.default_rng(seed)
    preset, sound, played = (bytes(rng.integers(0x80, 0x100, 9, np.uint8)) for _ in range(3))
    Path(os.fsdecode(preset)).write_text(Path("p.json").read_text())
    Path(os.fsdecode(sound + b".wav")).write_bytes(Path("d.wav").read_bytes())
    done = program("render", preset, sound + b".wav", played + b".wav")
    assert done.returncode == 0, done.stderr
    with open(os.fsdecode(played + b".wav"), "rb") as file:
        assert soundfile.read(file)[0].size == round(0.8 * 16_000)
    shown, missing = program("show", preset), program("render", preset, played, sound + b".mp3")
    assert shown.returncode == 0 and b"gain_db" in shown.stdout
    assert missing.returncode == 2 and missing.stderr.count(b"\n") == 1
