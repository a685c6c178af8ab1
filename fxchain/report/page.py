"""The page itself: a template, a style sheet and a program become one file."""

import base64
import hashlib
import json
from importlib import resources
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fxchain.report import spectrogram, waveform, words
from fxchain.report.chain_view import boxes_of, redundant_knobs
from fxchain.report.content import ReportContent
from fxchain.report.listening import Listening, choose_excerpt, listen
from fxchain.report.loss_picture import loss_picture
from fxchain.report.spectra_picture import spectra_picture
from fxchain.report.svg import Axis
from fxchain.report.taps import Tap, tap_chain

#: What happens inside the chain is shown over at most so much audio, played from so much before.
TAPPED_SECONDS, WARM_UP_SECONDS = 30.0, 5.0

_ENVIRONMENT = Environment(
    loader=PackageLoader("fxchain.report", "assets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_report(content: ReportContent) -> str:
    """Return the report as one HTML page that needs nothing else.

    Equal contents give equal pages. Names of files and whatever else came from outside are text on
    the page, never markup; a policy in the page forbids every program and style but its own.

    Args:
        content: the chain that was found, and what is known about it
    """
    heard = listen(content.scenes, content.sample_rate)
    metrics = content.metrics
    settings = metrics.get("settings", {})
    style, program = asset("plots.css") + asset("report.css"), asset("report.js")
    page = _ENVIRONMENT.get_template("report.html.jinja").render(
        content=content,
        metrics=metrics,
        settings=settings,
        policy=_policy(style, program),
        style=Markup(style),
        program=Markup(program),
        heard=heard,
        scene_data=[_safe_json(one.data()) for one in heard],
        time_marks=[_time_marks(one) for one in heard],
        spectra=spectra_picture(heard[0]) if heard else None,
        boxes=boxes_of(content.preset, metrics, _taps(content), content.sample_rate),
        redundant=list(redundant_knobs(content.preset)),
        loss=loss_picture(content.history, timed="iterations" not in settings),
        words=words,
        wave=(waveform.COLUMNS, waveform.HEIGHT),
        spectrogram_size=(spectrogram.COLUMNS, spectrogram.ROWS),
    )
    # A file name may hold bytes that are no text.
    return page.encode("utf-8", "replace").decode()


def asset(name: str) -> str:
    """Return a file of the page as text, such as `plots.css`, the style of all pictures."""
    return resources.files("fxchain.report").joinpath("assets", name).read_text("utf-8")


def _policy(style: str, program: str) -> str:
    """Return a content security policy that allows this style sheet and this program alone."""
    return (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_digest(style)}'; script-src '{_digest(program)}'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _safe_json(data: Any) -> Markup:
    """Return JSON that no browser can take for the end of its element."""
    text = json.dumps(data, allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _taps(content: ReportContent) -> dict[str, Tap]:
    """Return what each effect heard in the excerpt of the first scene."""
    scene = content.scenes[0] if content.scenes else None
    if scene is None or scene.played is None:
        return {}
    rate = content.sample_rate
    excerpt = choose_excerpt(scene, TAPPED_SECONDS, rate)
    begin = max(0, excerpt.start - round(WARM_UP_SECONDS * rate))
    audio = np.asarray(scene.track(scene.played).samples[:, begin : excerpt.end])
    return dict(tap_chain(content.preset, audio, rate, excerpt.start - begin))


def _time_marks(one: Listening) -> list[tuple[float, str]]:
    """Return places along the time axis, percent, and their times in the recording."""
    start = one.excerpt.start / one.excerpt.sample_rate
    axis = Axis("", start, start + one.excerpt.seconds)
    marks = axis.marks()
    return [(100.0 * float(axis.position(at)), text) for at, text in marks]
