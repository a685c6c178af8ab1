"""The page of a comparison of several methods: tables, pictures, and players of each recording."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from fxchain.report.content import Scene
from fxchain.report.document import page_of
from fxchain.report.listening import fitting
from fxchain.report.table import Table

#: All audio together takes so many bytes; more recordings than that are not on the page.
MOST_BYTES, MOST_SCENES = 12_000_000, 30


@dataclass(frozen=True)
class PagePicture:
    """A drawn picture.

    Attributes:
        title: what it shows, for whoever cannot see it too
        png: the file
    """

    title: str
    png: bytes

    @property
    def address(self) -> Markup:
        """Return it as a data address."""
        return Markup("data:image/png;base64," + base64.b64encode(self.png).decode())


@dataclass(frozen=True, eq=False)
class ComparisonContent:
    """A comparison.

    Attributes:
        title: what the page is about; may hold anything
        introduction: with which settings, where, of what
        tables: the figures
        pictures: the same drawn
        scenes: recordings with what each method made of them, and their sample rates in Hz
        failures: a sentence for each measurement that failed
        links: names and addresses, relative to the page, of what lies beside it
        version: of fxchain
    """

    title: str
    introduction: str
    tables: Sequence[Table]
    pictures: Sequence[PagePicture]
    scenes: Sequence[tuple[Scene, int]]
    failures: Sequence[str]
    links: Sequence[tuple[str, str]]
    version: str


def render_comparison(content: ComparisonContent) -> str:
    """Return the page of a comparison as one HTML file that needs nothing else."""
    heard = fitting(content.scenes[:MOST_SCENES], MOST_BYTES)
    return page_of(
        "comparison.html.jinja", heard, len(content.scenes) - len(heard), content=content
    )
