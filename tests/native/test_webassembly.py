"""The player for browsers is compiled once; without a compiler a sentence says what is missing."""

import importlib.util

import pytest

from fxchain.errors import ExportError
from fxchain.native import compiled_player
from fxchain.native.compiler import Compiler


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_without_a_compiler_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ExportError, match=r"install ziglang, as in pip install"):
        compiled_player()
    assert not list(tmp_path.rglob("*"))


def test_what_is_kept_is_not_compiled_again(monkeypatch, tmp_path):
    runs = []

    def run(compiler, *arguments):
        runs.append(arguments)
        (compiler.folder / "binary").write_bytes(b"player")

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there")
    monkeypatch.setattr(Compiler, "run", run)
    assert compiled_player() == compiled_player() == b"player"
    assert [words[0] for words in runs] == ["c++", "cc"]
    assert len(list(tmp_path.rglob("*.wasm"))) == 1
    module = importlib.import_module("fxchain.native.webassembly")
    monkeypatch.setattr(module, "player_sources", lambda: {"player.cpp": "another"})
    compiled_player()
    assert len(runs) == 4
