"""The site builds without a warning and loads nothing from elsewhere."""

import os
import re
import subprocess
import sys

from tests.docs.pages import ROOT

_LOADED = re.compile(r'<(?:script|img|link|iframe)\b[^>]*?(?:src|href)="?(https?:[^"\s>]+)')


def test_the_site(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    built = subprocess.run(
        [*command, "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    found = sorted((tmp_path / "site").rglob("*.html"))
    assert len(found) > 15
    for page in found:
        text = page.read_text(encoding="utf-8")
        assert not _LOADED.findall(text), page.name
        assert "\\(" not in re.sub(r"<code>.*?</code>", "", text, flags=re.DOTALL), page.name
    how = (tmp_path / "site" / "how-it-works.html").read_text(encoding="utf-8")
    assert how.count("<math") > 20
