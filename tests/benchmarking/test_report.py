"""The page of a comparison, as a browser shows it."""

from functools import partial

import numpy as np
import pytest
import soundfile

from fxchain.benchmarking.benchmark import benchmark
from fxchain.benchmarking.job import measure
from fxchain.data.signals import plucked_strings
from fxchain.matching.match import match
from tests.browsing import serious_problems

RATE = 16_000
#: A name that the page must show as text.
DEVICE = "<img src=x onerror=alert(1)> & co"


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """A folder with the results of two pairs of different sample rates, and one that fails."""
    folder = tmp_path_factory.mktemp("comparison")
    for name, rate in (("slow", RATE), ("fast", 2 * RATE)):
        dry = plucked_strings(5.0, rate)
        soundfile.write(folder / f"{name}.wav", dry.T, rate, subtype="FLOAT")
        wet = np.tanh(3.0 * dry)
        soundfile.write(folder / f"{name}-wet.wav", wet.T, rate, subtype="FLOAT")
    (folder / "silence.wav").write_bytes(b"no audio")
    lines = ["id,dry,wet,device,effect"]
    lines += [f"{name},{name}.wav,{name}-wet.wav,{DEVICE},drive" for name in ("slow", "fast")]
    lines += ["broken,slow.wav,silence.wav,None,drive"]
    (folder / "pairs.csv").write_text("\n".join(lines) + "\n")
    (folder / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    with pytest.MonkeyPatch.context() as patch:
        chain = partial(match, chain=folder / "gain.json")
        patch.setattr("fxchain.benchmarking.methods.match", chain)
        benchmark(
            folder / "pairs.csv",
            folder / "out",
            methods=("unprocessed", "fxchain"),
            iterations=2,
            threads=1,
            measure=measure,
        )
    return folder / "out"


def test_it_shows_tables_pictures_and_players(page, out):
    page.goto((out / "report.html").as_uri())
    assert page.get_by_role("rowheader", name=DEVICE, exact=True).count() == 1
    assert page.locator("img.drawn").count() == 2
    assert page.locator("img.drawn").evaluate_all(
        "all => all.every(one => one.complete && one.naturalWidth > 100)"
    )
    assert page.locator(".notes li").count() == 2  # both methods on the broken pair
    assert page.locator(".player").count() == 2
    player = page.locator(".player").first
    names = [name.strip() for name in player.locator(".track .name").all_inner_texts()]
    assert names == ["Wet", "unprocessed", "fxchain", "Difference"]
    player.get_by_role("button", name="Play", exact=True).click()
    player.get_by_role("button", name="Pause").wait_for()
    assert serious_problems(page) == []


def test_every_chain_has_its_report(page, out):
    page.goto((out / "report.html").as_uri())
    links = page.get_by_role("link", name="report of fxchain")
    assert links.count() == 2
    links.first.click()
    page.get_by_role("heading", name="slow", exact=True).wait_for()
    assert page.locator("#chain").is_visible()


def test_it_needs_nothing_from_outside(out):
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "http://" not in text.replace("http://www.w3.org/", "") and "https://" not in text
    assert len(text) < 5_000_000
