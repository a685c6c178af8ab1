"""The report of a match or a transfer."""

import numpy as np

from fxchain.report import style_words, words
from fxchain.report.chain_view import boxes_of, redundant_knobs
from fxchain.report.content import ReportContent
from fxchain.report.document import page_of
from fxchain.report.listening import choose_excerpt, listen
from fxchain.report.loss_picture import loss_picture
from fxchain.report.spectra_picture import spectra_picture
from fxchain.report.taps import Tap, tap_chain

#: What happens inside the chain is shown over at most so much audio, played from so much before.
TAPPED_SECONDS, WARM_UP_SECONDS = 30.0, 5.0


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
    return page_of(
        "report.html.jinja",
        heard,
        len(content.scenes) - len(heard),
        content=content,
        metrics=metrics,
        settings=settings,
        spectra=spectra_picture(heard[0]) if heard else None,
        boxes=boxes_of(content.preset, metrics, _taps(content), content.sample_rate),
        redundant=list(redundant_knobs(content.preset)),
        loss=loss_picture(
            content.history,
            timed="iterations" not in settings,
            likelihood=style_words.is_transfer(metrics),
        ),
        words=words,
        style_words=style_words,
    )


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
