"""A report offers its chain as a live page where that needs no compiler, and else says how."""

import base64
import importlib.util
from dataclasses import replace

import pytest

from fxchain.native import compiled_player
from fxchain.native.compiler import Compiler
from fxchain.preset import Preset, parse_chain
from fxchain.report import live_player as offered
from fxchain.report.live_player import live_player
from fxchain.report.page import render_report
from tests.native import macro_preset

# the first time ever, the compiler makes its own C++ library too, which takes minutes
pytestmark = pytest.mark.timeout(900)
COMMAND = "fxchain export preset.json --format web --out live.html"


@pytest.fixture
def never_compiled(monkeypatch, tmp_path):
    """Fail where something is compiled; nothing was compiled before."""

    def refuse(compiler, *arguments):
        pytest.fail("a report must not wait for a compiler")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(Compiler, "run", refuse)


@pytest.fixture
def compiled_before():
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("ziglang is not installed")
    compiled_player()


def test_without_the_compiler_it_says_what_to_install(never_compiled, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    found = live_player(macro_preset.preset(), "a")
    assert "pip install 'fxchain[plugins]'" in found.sentence
    assert (found.command, found.page) == (COMMAND, "")


def test_where_nothing_was_compiled_it_names_the_command(never_compiled, monkeypatch, found):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: "there")
    made = live_player(macro_preset.preset(), "a")
    assert "install" not in made.sentence and (made.command, made.page) == (COMMAND, "")
    html = render_report(found.content())
    assert COMMAND in html and "save-live" not in html.split("<script>")[0]


def test_what_is_too_large_for_a_report_is_named_as_a_command(compiled_before, monkeypatch):
    monkeypatch.setattr(offered, "MOST_BYTES", 1_000)
    made = live_player(macro_preset.preset(), "a")
    assert (made.command, made.page) == (COMMAND, "")


def test_a_stage_that_cannot_be_played_live_is_named(compiled_before):
    stage, values, _ = parse_chain({"primitive": "pitch_shift"}, "b.json")
    made = live_player(Preset(stage, values, 44_100), "a")
    assert "pitch_shift cannot be played live" in made.sentence
    assert (made.command, made.page) == ("", "")


def test_the_page_lies_in_the_report_once_the_player_was_compiled(compiled_before):
    made = live_player(macro_preset.preset(), "</script>\udcff")
    page = base64.b64decode(made.page).decode()
    assert page.startswith("<!doctype html>") and '"name": "tone"' in page
    assert "<h1>&lt;/script&gt;?</h1>" in page


def test_the_saved_page_has_the_knobs_of_the_chain(compiled_before, found, page, tmp_path):
    content = replace(found.content(), preset=macro_preset.preset())
    (tmp_path / "report.html").write_text(render_report(content), encoding="utf-8")
    page.goto((tmp_path / "report.html").as_uri())
    with page.expect_download() as download:
        page.get_by_role("button", name="Save live.html").click()
    assert download.value.suggested_filename == "live.html"
    download.value.save_as(tmp_path / "live.html")
    page.goto((tmp_path / "live.html").as_uri())
    assert page.get_by_label("tone").get_attribute("aria-valuetext").strip() == "5"
    assert page.evaluate("makeNode(new OfflineAudioContext(1, 9, 44100), 1).then(() => true)")
