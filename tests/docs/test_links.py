"""Every link of the documentation leads somewhere, every file that it names is there."""

import re

import pytest

from tests.docs.pages import ROOT, Page, pages

PAGES = pages()
#: Files and folders of the repository, as the text names them.
_NAMED = re.compile(r"^(?:fxchain|tests|benchmarks|docs)/[\w./-]*$")
_RESULTS = ("benchmarks/results",)  # made by the benchmarks
_GENERATED = ROOT / "docs" / "reference" / "primitives.md"  # when the site is built


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_resolve(page):
    for link in page.links:
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = (page.path.parent / file).resolve() if file else page.path
        if target == _GENERATED:
            continue
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in Page(target).anchors, f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_are_there(page):
    if page.name == "CHANGELOG.md":  # names what was there
        return
    for code in page.code:
        if _NAMED.match(code) and not code.startswith(_RESULTS):
            assert (ROOT / code).exists(), f"{page.name} names {code}"


def test_modules_are_there():
    """Names of modules without a folder, in tables and in diagrams."""
    known = {path.name for room in ("fxchain", "tests", "benchmarks") for path in modules(room)}
    diagrams = (ROOT / "docs" / "images").glob("*.svg")
    named = {code for page in PAGES if page.name != "CHANGELOG.md" for code in page.code}
    named |= {word for path in diagrams for word in re.findall(r"\w+\.py", path.read_text("utf-8"))}
    found = {each for each in named if re.fullmatch(r"\w+\.py", each)}
    assert len(found) > 20
    assert not found - known


def modules(room):
    return (ROOT / room).rglob("*.py")


def test_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
