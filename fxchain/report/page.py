"""The report of a match or a transfer."""

import numpy as np

from fxchain.report import style_words, words
from fxchain.report.audio_excerpts import choose_excerpt, report_excerpts
from fxchain.report.chain_view import boxes_of, redundant_knobs
from fxchain.report.content import ReportContent
from fxchain.report.document import page_of
from fxchain.report.flutter_picture import wandering_lags
from fxchain.report.front_picture import front_picture
from fxchain.report.live_player import live_player
from fxchain.report.loss_picture import loss_picture
from fxchain.report.spectra_picture import spectra_picture
from fxchain.report.taps import Tap, tap_chain

#: The longest excerpt whose signals inside the chain are shown, and the warm-up before it, s.
TAPPED_SECONDS, WARM_UP_SECONDS = 30.0, 5.0


def render_report(content: ReportContent) -> str:
    """Return the report as one self-contained HTML page; equal contents give equal pages."""
    excerpts = report_excerpts(content.comparisons, content.sample_rate)
    metrics = content.metrics
    settings = metrics.get("settings", {})
    return page_of(
        "report.html.jinja",
        excerpts,
        len(content.comparisons) - len(excerpts),
        content=content,
        metrics=metrics,
        settings=settings,
        spectra=spectra_picture(excerpts[0]) if excerpts else None,
        boxes=boxes_of(content.preset, metrics, _taps(content), content.sample_rate),
        redundant=list(redundant_knobs(content.preset)),
        live=live_player(content.preset, content.title),
        wandering=wandering_lags(metrics),
        front=front_picture(metrics.get("front", ())),
        loss=loss_picture(
            content.history,
            timed="iterations" not in settings,
            likelihood=style_words.is_transfer(metrics),
        ),
        words=words,
        style_words=style_words,
    )


def _taps(content: ReportContent) -> dict[str, Tap]:
    """Return input and output of each effect in the excerpt of the first comparison."""
    comparison = content.comparisons[0] if content.comparisons else None
    if comparison is None or comparison.played is None:
        return {}
    rate = content.sample_rate
    excerpt = choose_excerpt(comparison, TAPPED_SECONDS, rate)
    begin = max(0, excerpt.start - round(WARM_UP_SECONDS * rate))
    audio = np.asarray(comparison.track(comparison.played).samples[:, begin : excerpt.end])
    return dict(tap_chain(content.preset, audio, rate, excerpt.start - begin))
