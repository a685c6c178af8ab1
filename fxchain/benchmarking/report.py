"""The page of a comparison: its tables, its pictures, and what each method sounds like."""

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
from fxchain.report.content import Scene, Track

if TYPE_CHECKING:
    from fxchain.benchmarking.results import Results

REPORT_FILE = "report.html"
#: So much of a pair is heard, from where its held-out part begins, s.
LONGEST_SECONDS = 8.0
#: What the pictures show.
_PICTURES = {
    "esr-by-device.png": "Error on unheard audio by device and method",
    "esr-against-seconds.png": "Error against the time of training and search",
    "esr-against-delay.png": "Error against the time of an echo: how far back each method hears",
}


def write_report(
    kept: ResultStore, results: "Results", wets: Mapping[str, np.ndarray], pictures: Sequence[str]
) -> None:
    """Write `report.html` beside the results.

    Args:
        kept: where the methods' audio lies
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
            PagePicture(_PICTURES.get(name, name), (kept.out / name).read_bytes())
            for name in pictures
        ],
        scenes=[
            (scene_of(kept, case, own[case], wets[case]), int(own[case][0]["sample_rate"]))
            for case in cases
        ],
        failures=failures(document),
        links=_links(kept, good),
        version=next((row["versions"]["fxchain"] for row in good), ""),
    )
    write_text_atomic(kept.out / REPORT_FILE, render_comparison(content), force=True)


def scene_of(kept: ResultStore, case: str, rows: Sequence[Row], wet: np.ndarray) -> Scene:
    """Return the wet and what every method made of the dry, of the part that is judged.

    Args:
        kept: where the methods' audio lies
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
        played = read_audio(kept.folder(case, method) / AUDIO_FILE).samples[:, start:end]
        tracks.append(Track(method.replace("_", ""), METHODS[method].title, played))
    compared = ("wet", "fxchain") if any(t.key == "fxchain" for t in tracks) else None
    return Scene(case, tuple(tracks), "wet", None, compared)


def _links(kept: ResultStore, rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Return the reports of the chains, and the files of the results."""
    found: list[tuple[str, Any]] = [("results.json", "results.json"), ("results.md", "results.md")]
    for row in rows:
        path = kept.folder(row["case"], row["method"]) / REPORT_FILE
        if path.exists():
            name = f"{row['case']}: report of {METHODS[row['method']].title}"
            found.append((name, path.relative_to(kept.out).as_posix()))
    return found
