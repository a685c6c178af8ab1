"""The report of a benchmark: tables, pictures, and audio excerpts of each method."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fxchain.benchmarking.fitted import AUDIO_FILE
from fxchain.benchmarking.job import Row
from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.result_store import ResultStore
from fxchain.benchmarking.tables import failures, introduction, tables
from fxchain.files.atomic import write_text_atomic
from fxchain.files.audio_input import read_audio
from fxchain.report.content import Comparison, Track

if TYPE_CHECKING:
    from fxchain.benchmarking.results import Results

REPORT_FILE = "report.html"
#: Length of the audio excerpts from the beginning of the held-out part, s.
LONGEST_SECONDS = 8.0
#: Captions of the pictures.
_PICTURES = {
    "esr-by-device.png": "Error on held-out audio by device and method",
    "esr-against-seconds.png": "Error against the time of training and search",
    "esr-against-delay.png": "Error against the time of an echo, with receptive fields",
}


def write_report(
    store: ResultStore, results: "Results", wets: Mapping[str, np.ndarray], pictures: Sequence[str]
) -> None:
    """Write `report.html` beside the results.

    Args:
        store: holds the processed audio
        results: what was measured
        wets: the aligned wet recording of each pair, (channels, samples)
        pictures: names of the files that are drawn

    Raises:
        OutputError: it cannot be written.
    """
    from fxchain.report.comparison_page import (
        ComparisonContent,
        PagePicture,
        render_comparison,
    )

    document = results.document()
    good = [row for row in results.rows if "error" not in row]
    cases = list(dict.fromkeys(row["case"] for row in good))
    own = {case: [row for row in good if row["case"] == case] for case in cases}
    content = ComparisonContent(
        title="fxchain beside other methods",
        introduction=introduction(document),
        tables=tables(document),
        pictures=[
            PagePicture(_PICTURES.get(name, name), (store.out / name).read_bytes())
            for name in pictures
        ],
        comparisons=[
            (comparison_of(store, case, own[case], wets[case]), int(own[case][0]["sample_rate"]))
            for case in cases
        ],
        failures=failures(document),
        links=_links(store, good),
        version=next((row["versions"]["fxchain"] for row in good), ""),
    )
    write_text_atomic(store.out / REPORT_FILE, render_comparison(content), force=True)


def comparison_of(
    store: ResultStore, case: str, rows: Sequence[Row], wet: np.ndarray
) -> Comparison:
    """Return the wet and each method's output over the scored part.

    Args:
        store: holds the processed audio
        case: the pair
        rows: its measurements
        wet: (channels, samples), aligned
    """
    first = rows[0]
    start, end = first["held_out_samples"] or first["fitted_samples"]
    end = min(end, start + round(LONGEST_SECONDS * first["sample_rate"]))
    tracks = [Track("wet", "Wet", wet[:, start:end])]
    for row in rows:
        method = row["method"]
        played = read_audio(store.folder(case, method) / AUDIO_FILE).samples[:, start:end]
        tracks.append(Track(method.replace("_", ""), METHODS[method].title, played))
    compared = ("wet", "fxchain") if any(t.key == "fxchain" for t in tracks) else None
    return Comparison(case, tuple(tracks), "wet", None, compared)


def _links(store: ResultStore, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return (name, path) of the results' files and of the chains' reports."""
    found: list[tuple[str, Any]] = [("results.json", "results.json"), ("results.md", "results.md")]
    for row in rows:
        path = store.folder(row["case"], row["method"]) / REPORT_FILE
        if path.exists():
            name = f"{row['case']}: report of {METHODS[row['method']].title}"
            found.append((name, path.relative_to(store.out).as_posix()))
    return found
