"""What lies where in plug-ins for each machine, and what is refused."""

import importlib.util
import json
import os
import plistlib
import struct

import pytest
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.export import plugin_bundle
from fxchain.preset import Preset, parse_chain

CODE = b"\x7fcode"


@pytest.fixture
def preset(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stage, values, _ = parse_chain({"chain": [{"primitive": "gain"}]}, "a.json")
    Preset(stage, values, 44_100).save("a.json")


@pytest.fixture
def compiled(monkeypatch):
    """Put some bytes in place of the binary for each machine."""
    monkeypatch.setattr(plugin_bundle, "compiled_plugin", lambda target: CODE)


def run(form, out, *options):
    return CliRunner().invoke(app, ["export", "a.json", "--format", form, "--out", out, *options])


def files_in(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def all_targets(*names):
    return [word for name in names for word in ("--target", name)]


def test_one_vst3_holds_several_machines(preset, compiled, tmp_path):
    names = ("linux-x86_64", "linux-arm64", "windows-x86_64", "macos-x86_64", "macos-arm64")
    assert run("vst3", "My fuzz.vst3", *all_targets(*names)).exit_code == 0
    files = files_in(tmp_path / "My fuzz.vst3")
    own = [
        files[f"Contents/{place}"]
        for place in (
            "x86_64-linux/My fuzz.so",
            "aarch64-linux/My fuzz.so",
            "x86_64-win/My fuzz.vst3",
        )
    ]
    assert all(binary.startswith(CODE) and binary.endswith(b"fxchain.") for binary in own)
    data = files["Contents/Resources/preset.bin"]
    assert own[0] == CODE + data
    apple = files["Contents/MacOS/My fuzz"]
    magic, count = struct.unpack(">II", apple[:8])
    assert (magic, count) == (0xCAFEBABE, 2)
    for part, kind in enumerate((0x01000007, 0x0100000C)):
        head = struct.unpack(">5I", apple[8 + 20 * part : 28 + 20 * part])
        assert head[0] == kind and head[2] % (1 << head[4]) == 0
        assert apple[head[2] : head[2] + head[3]] == CODE
    assert plistlib.loads(files["Contents/Info.plist"])["CFBundleExecutable"] == "My fuzz"
    listed = json.loads(files["Contents/Resources/moduleinfo.json"])["Classes"][0]
    assert listed["Name"] == "My fuzz" and len(bytes.fromhex(listed["CID"])) == 16
    assert len(files) == 8


def test_a_clap_is_a_file_but_on_macos(preset, compiled, tmp_path):
    assert run("clap", "a.clap", "--target", "windows-x86_64").exit_code == 0
    assert (tmp_path / "a.clap").read_bytes().startswith(CODE)
    assert run("clap", "b.clap", "--target", "macos-arm64").exit_code == 0
    files = files_in(tmp_path / "b.clap")
    assert files["Contents/MacOS/b"] == CODE and "Contents/Info.plist" in files


def test_an_lv2_has_a_manifest(preset, compiled, tmp_path):
    assert run("lv2", "a.lv2", "--target", "linux-arm64").exit_code == 0
    files = files_in(tmp_path / "a.lv2")
    assert set(files) == {"manifest.ttl", "plugin.ttl", "plugin.so"}
    assert b"lv2:binary <plugin.so>" in files["manifest.ttl"]


REFUSED = {
    "unknown target": (("vst3", "a.vst3", "--target", "amiga"), "amiga: there is no such target"),
    "name": (("vst3", "a.clap"), "hosts look for names that end in .vst3"),
    "channels": (("clap", "a.clap", "--channels", "3"), "a plug-in has one or two channels"),
    "two machines": (
        ("lv2", "a.lv2", *all_targets("linux-arm64", "windows-x86_64")),
        "is for one --target",
    ),
    "no plug-in": (("cpp", "a", "--channels", "2"), "are for vst3, clap and lv2"),
    "file in place of a folder": (("vst3", "a.json/a.vst3"), "a.json is a file, not a folder"),
    "missing folder": (("clap", "b/a.clap", "--target", "linux-arm64"), "does not exist"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_leaves_nothing(preset, compiled, tmp_path, case):
    arguments, said = REFUSED[case]
    refused = run(*arguments)
    assert refused.exit_code == 2 and said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("form", ["vst3", "clap", "lv2"])
def test_nothing_is_overwritten_unasked(preset, compiled, tmp_path, form):
    arguments = (form, f"a.{form}", "--target", "linux-arm64")
    assert run(*arguments).exit_code == 0
    before = files_in(tmp_path)
    again = run(*arguments)
    assert again.exit_code == 2 and "--force" in again.stderr
    assert files_in(tmp_path) == before
    assert run(*arguments, "--force").exit_code == 0


def test_a_stage_that_cannot_be_played_live_is_named(preset, compiled, tmp_path):
    stage, values, _ = parse_chain({"primitive": "pitch_shift"}, "a.json")
    Preset(stage, values, 44_100).save("a.json", force=True)
    refused = run("vst3", "a.vst3", "--target", "linux-arm64")
    assert refused.exit_code == 2 and "pitch_shift cannot be played live" in refused.stderr
    assert not (tmp_path / "a.vst3").exists()


def test_without_a_compiler_it_says_what_to_install(preset, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    refused = run("vst3", "a.vst3", "--target", "linux-arm64")
    assert refused.exit_code == 2 and "install ziglang, as in pip install" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(preset, compiled, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    refused = run("clap", "locked/a.clap", "--target", "linux-arm64")
    assert refused.exit_code == 2 and "is not writable" in refused.stderr
