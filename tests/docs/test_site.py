"""The site builds without a warning and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys

import pytest

from fxchain.primitives import REGISTRY
from tests.docs.pages import ROOT

_LOADED = re.compile(r'<(?:script|img|link|iframe)\b[^>]*?(?:src|href)="?(https?:[^"\s>]+)')


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the folder of the built site."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    built = subprocess.run(
        [*command, "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


def test_no_page_loads_anything_from_elsewhere(site):
    found = sorted(site.rglob("*.html"))
    assert len(found) > 15
    for page in found:
        assert not _LOADED.findall(page.read_text(encoding="utf-8")), page.name


def test_every_primitive_is_described(site):
    page = (site / "reference" / "primitives.html").read_text(encoding="utf-8")
    assert all(f'id="{kind}"' in page for kind in REGISTRY)


def test_formulas_are_drawn(site):
    assert (site / "how-it-works.html").read_text(encoding="utf-8").count("<math") > 20
    for page in site.rglob("*.html"):
        text = re.sub(r"<code>.*?</code>", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "arithmatex" not in text, page.name


def test_a_page_from_disk_can_be_searched(site, page):
    page.goto((site / "how-to" / "transfer.html").as_uri())
    page.locator(".md-search__input").fill("Levenberg")
    page.locator(".md-search-result__item a[href*='how-it-works']").first.wait_for()


@pytest.mark.parametrize("width", [380, 1280])
def test_pages_fit_their_window(site, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("index", "how-it-works", "reference/commands", "experiments/match"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
