"""The ratios, tables and pictures say what the rows say."""

import matplotlib.image
import pytest

from fxchain.benchmarking.comparison import comparisons
from fxchain.benchmarking.pictures import draw_all
from fxchain.benchmarking.results import Results
from fxchain.benchmarking.tables import markdown
from tests.benchmarking.rows import row

ROWS = (
    row("a", "fxchain", 0.1),
    row("a", "wavenet", 0.2),
    row("b", "fxchain", 0.3),
    row("b", "wavenet", 0.1),
    row("c", "fxchain", 0.01, "delay"),
    row("c", "wavenet", 0.5, "delay"),
    row("d", "fxchain", 0.5, "delay", held_out=False),
    {"case": "d", "method": "wavenet", "effect": "delay", "device": "x", "error": "it crashed"},
)


def document(rows=ROWS):
    methods = ("fxchain", "wavenet")
    return Results({"seconds": 60.0, "seed": 0}, methods, tuple(rows), missing=2).document()


def test_who_wins():
    by_measure = {"esr": {}, "pre_emphasised_esr": {}, "mr_stft": {}}
    for one in comparisons(ROWS):
        by_measure[one["measure"]][one["rival"], one["effect"]] = one
    found = by_measure["esr"]
    assert set(found) == {("wavenet", "all"), ("wavenet", "drive"), ("wavenet", "delay")}
    everything = found["wavenet", "all"]
    assert (everything["pairs"], everything["won"]) == (3, 2)
    assert everything["median_ratio"] == pytest.approx(0.5)
    assert found["wavenet", "drive"]["median_ratio"] == pytest.approx((0.5 + 3.0) / 2)
    assert found["wavenet", "delay"]["share_won"] == 1.0
    ratio = by_measure["pre_emphasised_esr"]["wavenet", "all"]["median_ratio"]
    assert ratio == pytest.approx(0.5)
    assert by_measure["mr_stft"]["wavenet", "all"]["won"] == 0  # all are equal


def test_the_tables():
    text = markdown(document(), ["a.png"])
    for line in (
        "| fxchain / WaveNet | **all** | ESR | 3 | 2 | 67% | 0.5 |",
        "| fxchain / WaveNet | **all** | pre-emphasised ESR | 3 | 2 | 67% | 0.5 |",
        "| fxchain / WaveNet | **all** | MR-STFT | 3 | 0 | 0% | 1 |",
        "| device of b | 1 | 0.3000 | **0.1000** |",
        "| device of b | 1 | 0.6000 | **0.2000** |",  # pre-emphasised
        "| b | drive | 0.6000 | **0.2000** |",
        "| Not bad! | < 0.035 | 1 | 0 |",
        "| ...This probably won't sound great :( | < 0.3 | 2 | 2 |",
        "| delay * | 2 | 0.1300 | 0.5000 |",
        "| drive | 2 | 4,513 | 4,513 |",
        "- d, WaveNet: it crashed",
        "![a.png](a.png)",
    ):
        assert line in text.splitlines(), line
    for measure in ("ESR", "pre-emphasised ESR", "MR-STFT"):
        assert {f"## {measure} by device", f"## {measure} of each pair"} <= set(text.splitlines())
    assert "2 measurements are still missing" in text and "seconds 60, seed 0" in text
    assert "a processor, 2 cores, Python 3.11.7" in text


def test_no_rows_are_no_tables():
    assert "0 pairs" not in markdown(document(()), [])


def test_the_pictures(tmp_path):
    rows = [
        row(f"echo {time}", method, esr * time, "delay", delay_ms=float(time))
        for time in (10, 50)
        for method, esr in (("fxchain", 1e-4), ("wavenet", 1e-2))
    ]
    names = draw_all(tmp_path, rows, ["fxchain", "wavenet"])
    assert names == ["esr-by-device.png", "esr-against-seconds.png", "esr-against-delay.png"]
    for name in names:
        picture = matplotlib.image.imread(tmp_path / name)
        assert picture.shape[0] > 100 and picture.std() > 0.01
    assert draw_all(tmp_path, [], []) == []
    assert draw_all(tmp_path, [row("a", "best_gain", 0.1, curve=[])], ["best_gain"]) == names[:1]
