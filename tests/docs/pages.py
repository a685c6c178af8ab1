"""The pages of the documentation, and what stands in them."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)((?:    [^\n]+\n)+)")
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A file in Markdown."""

    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def blocks(self, language: str) -> list[str]:
        """Return the fenced blocks of code in a language."""
        return [code for found, code in _FENCE.findall(self.text) if found == language]

    @cached_property
    def prose(self) -> str:
        """The text without fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def code(self) -> list[str]:
        """Every line that is code for a shell, and every inline piece of code."""
        lines = [line for block in self.blocks("sh") for line in block.splitlines()]
        lines += [line for block in _INDENTED.findall(self.prose) for line in block.splitlines()]
        return [line.strip() for line in lines] + _INLINE.findall(self.prose)

    @cached_property
    def links(self) -> list[str]:
        """Where its links and pictures lead."""
        return _LINK.findall(self.prose)

    @cached_property
    def anchors(self) -> set[str]:
        """The anchors of its headings."""
        return {anchor_of(heading) for heading in _HEADING.findall(self.prose)}


def anchor_of(heading: str) -> str:
    """Return the anchor that GitHub and Python-Markdown both give a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", heading)
    kept = re.sub(r"[^\w\s-]", "", plain).strip().lower()
    return re.sub(r"\s+", "-", kept)


def pages() -> list[Page]:
    """Return the pages of the site and those beside it."""
    beside = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
    inside = sorted((ROOT / "docs").rglob("*.md"))
    return [Page(ROOT / name) for name in beside] + [Page(path) for path in inside]
