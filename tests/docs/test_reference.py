"""The reference says what the program says."""

import dataclasses
import importlib.util

import fxchain
from fxchain.matching.options import MatchOptions
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
