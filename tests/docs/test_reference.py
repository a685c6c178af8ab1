"""The reference says what the program says."""

import dataclasses
import importlib.util
import json
import re

import pytest

import fxchain
from fxchain.matching.options import MatchOptions
from fxchain.preset import Preset, parse_chain
from fxchain.structure.named import NAMES
from fxchain.transferring.style_chain import STYLE
from tests.docs.pages import ROOT, Page


def test_generated_pages_are_in_step():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for name, text in generate.pages().items():
        page = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
        assert page == text, "run: python docs/generate.py"


def test_every_public_name_is_described():
    page = Page(ROOT / "docs" / "reference" / "library.md")
    for name in fxchain.__all__:
        if not name.startswith("__"):
            assert f"`{name}" in page.text, name


def test_every_option_of_match_is_described():
    page = Page(ROOT / "docs" / "reference" / "library.md")
    for option in dataclasses.fields(MatchOptions):
        assert f"`{option.name}`" in page.text, option.name


def test_every_chain_is_described():
    page = Page(ROOT / "docs" / "reference" / "chains.md")
    assert set(re.findall(r"^\| `([\w-]+)` \|", page.text, re.MULTILINE)) == {*NAMES, STYLE}


@pytest.mark.parametrize("name", ["chains", "preset-format"])
def test_chains_and_presets_can_be_read(name):
    read = 0
    for block in Page(ROOT / "docs" / "reference" / f"{name}.md").blocks("json"):
        if '"format"' in block:
            Preset.from_json(block, name)
        elif block.startswith("{"):
            parse_chain(json.loads(block), name)
        else:  # a part of a document
            json.loads(f"{{{block}}}")
        read += 1
    assert read
