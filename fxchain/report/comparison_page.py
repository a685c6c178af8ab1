"""The page of a benchmark: tables, pictures, and audio excerpts of each pair."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fxchain.report.audio_excerpts import limited_excerpts
from fxchain.report.content import Comparison
from fxchain.report.document import page_of
from fxchain.report.table import Table

#: The most bytes of all audio, and the most comparisons on the page.
MOST_BYTES, MOST_COMPARISONS = 12_000_000, 30


@dataclass(frozen=True)
class PagePicture:
    """A drawn picture.

    Attributes:
        title: its caption and alternative text
        png: the file
    """

    title: str
    png: bytes

    @property
    def address(self) -> Markup:
        """Return it as a data URI."""
        return Markup("data:image/png;base64," + base64.b64encode(self.png).decode())


@dataclass(frozen=True, eq=False)
class ComparisonContent:
    """The content of the page.

    Attributes:
        title: untrusted text
        introduction: sentences about settings, machine and figures
        tables: of figures
        pictures: of figures
        comparisons: the tracks of each pair, and their sample rates in Hz
        failures: a sentence for each measurement that failed
        links: names and relative addresses of the files beside the page
        version: of fxchain
    """

    title: str
    introduction: str
    tables: Sequence[Table]
    pictures: Sequence[PagePicture]
    comparisons: Sequence[tuple[Comparison, int]]
    failures: Sequence[str]
    links: Sequence[tuple[str, str]]
    version: str


def render_comparison(content: ComparisonContent) -> str:
    """Return the page as one self-contained HTML file."""
    excerpts = limited_excerpts(content.comparisons[:MOST_COMPARISONS], MOST_BYTES)
    return page_of(
        "comparison.html.jinja", excerpts, len(content.comparisons) - len(excerpts), content=content
    )
