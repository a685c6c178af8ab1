"""The page of a synthesizer patch: figures, curves, piano roll, listening."""

from collections.abc import Sequence
from dataclasses import dataclass

from fxchain.report.audio_excerpts import report_excerpts
from fxchain.report.content import Comparison
from fxchain.report.document import page_of
from fxchain.report.pictures import Picture
from fxchain.report.table import Table


@dataclass(frozen=True, eq=False)
class SynthContent:
    """The content of the page.

    Attributes:
        title: such as the name of the recording; untrusted text
        introduction: a sentence about what was found
        tables: of sources and figures
        pictures: titles and drawings
        comparison: recording and what is played
        sample_rate: Hz, of both
        warnings: sentences about the recording
        links: names and relative addresses of the files beside the page
        version: of fxchain
    """

    title: str
    introduction: str
    tables: Sequence[Table]
    pictures: Sequence[tuple[str, Picture]]
    comparison: Comparison
    sample_rate: int
    warnings: Sequence[str]
    links: Sequence[tuple[str, str]]
    version: str


def render_synth(content: SynthContent) -> str:
    """Return the page as one self-contained HTML file; equal contents give equal pages."""
    excerpts = report_excerpts([content.comparison], content.sample_rate)
    return page_of("synth.html.jinja", excerpts, 0, content=content)
