"""The page of a measurement draws what was measured, and can be read by everybody."""

import numpy as np
import pytest

from fxchain.measuring.document import document
from fxchain.measuring.measurement import measure
from fxchain.report.measurement_page import facts, render_measurement
from tests.browsing import serious_problems
from tests.measuring.recordings import audio, played, recorded


@pytest.fixture(scope="module")
def found():
    """Return the document of a drive with hum."""
    samples = recorded(np.tanh(3.0 * played()))
    times = np.arange(len(samples)) / 44_100
    return document(measure(audio(samples + 0.002 * np.sin(2 * np.pi * 50.0 * times))))


def test_equal_measurements_give_equal_pages(found):
    assert render_measurement(found, "1.2") == render_measurement(found, "1.2")


def test_single_figures_are_words(found):
    words = dict(facts(found))
    assert words["hum"] == "50.00 Hz, 1 harmonic, -57.0 dBFS"
    assert words["polarity"] == "as played" and words["noise"].endswith("dBFS")
    silent = {**found, "background": {**found["background"], "hum": None, "noise_dbfs": None}}
    assert dict(facts(silent))["hum"] == "none above the noise"
    assert dict(facts(silent))["noise"] == "no silence"


def test_text_of_a_recording_is_escaped(found):
    page = render_measurement({**found, "recording": "<script>x</script>"}, "1")
    assert "<script>x" not in page and "&lt;script&gt;x" in page


@pytest.mark.parametrize("width", [380, 1_000])
def test_the_page_fits_and_is_accessible(found, page, tmp_path, width):
    (tmp_path / "report.html").write_text(render_measurement(found, "1"), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((tmp_path / "report.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious_problems(page) == []
