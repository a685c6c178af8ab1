"""Pages: a template, a style sheet and a script become one file."""

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fxchain.report import spectrogram, waveform
from fxchain.report.audio_excerpts import ComparisonExcerpt
from fxchain.report.svg import Axis
from fxchain.wording import counted

_ENVIRONMENT = Environment(
    loader=PackageLoader("fxchain.report", "assets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_of(
    template: str, excerpts: Sequence[ComparisonExcerpt], omitted: int, **values: Any
) -> str:
    """Return a self-contained page.

    Untrusted text is escaped; the page's content security policy forbids every script and style
    but its own.

    Args:
        template: its name among the assets; it may include `players.html.jinja`
        excerpts: audio on the page
        omitted: the number of comparisons that are not on the page
        values: other variables of the template
    """
    style, program = asset("plots.css") + asset("report.css"), asset("report.js")
    page = _ENVIRONMENT.get_template(template).render(
        policy=_policy(style, program),
        style=Markup(style),
        program=Markup(program),
        excerpts=excerpts,
        omitted=omitted,
        comparison_data=[_safe_json(one.data()) for one in excerpts],
        time_marks=[_time_marks(one) for one in excerpts],
        counted=counted,
        wave=(waveform.COLUMNS, waveform.HEIGHT),
        spectrogram_size=(spectrogram.COLUMNS, spectrogram.ROWS),
        **values,
    )
    # A file name may hold bytes that are not UTF-8.
    return page.encode("utf-8", "replace").decode()


def asset(name: str) -> str:
    """Return a file of the page as text, such as `plots.css`, the style of all pictures."""
    return resources.files("fxchain.report").joinpath("assets", name).read_text("utf-8")


def _policy(style: str, program: str) -> str:
    """Return a content security policy that allows this style sheet and this script alone."""
    return (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(program)}'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _safe_json(data: Any) -> Markup:
    """Return JSON in which `<`, `>` and `&` are escaped, so that it cannot end its element."""
    text = json.dumps(data, allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _time_marks(one: ComparisonExcerpt) -> list[tuple[float, str]]:
    """Return (position along the time axis, %; time in the recording) of each tick."""
    start = one.excerpt.start / one.excerpt.sample_rate
    axis = Axis("", start, start + one.excerpt.seconds)
    marks = axis.marks()
    return [(100.0 * float(axis.position(at)), text) for at, text in marks]
