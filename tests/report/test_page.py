"""The page: everything on it, nothing from outside, of a bounded size."""

import base64
import hashlib
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.report import Comparison, Track
from fxchain.report.page import render_report
from tests.report.cases import HOSTILE, RATE

VOID = {"meta", "img", "input", "link", "br"}


class Elements(HTMLParser):
    """Collects the elements of a page, with what stands in scripts and styles, and all text."""

    def __init__(self, html):
        super().__init__()
        self.found, self.open, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))
        if tag not in VOID:
            self.open.append(self.found[-1])

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self.text += data
        if self.open:
            self.open[-1][2].append(data)

    def contents(self, tag):
        return ["".join(texts) for name, _, texts in self.found if name == tag]


def comparison_data(html):
    scripts = [e for e in Elements(html).found if e[0] == "script" and "type" in e[1]]
    return [json.loads("".join(texts)) for _, _, texts in scripts]


def test_equal_matches_give_equal_pages(found, html):
    assert render_report(found.content()) == html


def test_every_knob_stands_there_with_unit_and_certainty(found, html):
    text = " ".join(Elements(html).text.split())
    for words in (
        "Equalizer", "Waveshaper", "Distortion", "Compressor", "Delay", "Reverb", "Mix", "2 bands",
        "120 Hz fixed", "-24 dB", "90 ms", "0.35", "× 0.7", "unchanged", "not in pedalboard",
        "chain[3] (peak_filter)", "held out from the search", "a perfect linear filter",
        "fxchain match dry.wav",
        found.metrics["versions"]["torch"], "Latency", "Polarity",
    ):  # fmt: skip
        assert words in text, words
    assert text.count("±") > 10


def test_every_kind_of_stage_has_its_picture(html):
    titles = " ".join(a["aria-label"] for t, a, _ in Elements(html).found if "aria-label" in a)
    for words in (
        "Equalizer: level over frequency", "waveshaper: output over input",
        "distortion: output over input", "compressor: level out over level in", "Gain over time",
        "delay: impulse response", "reverb: impulse response", "Decay time per octave",
        "Mean spectrum", "The error over the search",
    ):  # fmt: skip
        assert words in titles, words


def test_nothing_comes_from_outside(html):
    for tag, attributes, _ in Elements(html).found:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style", (tag, name)
            if name in {"src", "href"}:
                assert value.startswith(("#", "data:image/png;base64,")), value
    assert "http://" not in html and "https://" not in html


def test_the_policy_allows_the_page_s_own_program_and_style_alone(html):
    elements = Elements(html)
    policy = next(a["content"] for t, a, _ in elements.found if "http-equiv" in a)
    assert "default-src 'none'" in policy and "unsafe" not in policy
    programs = [
        "".join(c) for t, a, c in elements.found if t == "script" and "type" not in a
    ] + elements.contents("style")
    assert len(programs) == 2
    for text in programs:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def hostile(found):
    """Return a match in which every text that could come from a stranger is hostile."""
    comparison = found.comparisons[0]
    tracks = tuple(replace(t, file=HOSTILE, label=HOSTILE) for t in comparison.tracks)
    metrics = {
        **found.metrics,
        "warnings": [HOSTILE],
        "command": HOSTILE,
        "settings": {**found.metrics["settings"], "chain": HOSTILE, "dropped": [HOSTILE]},
        "versions": {HOSTILE: HOSTILE},
    }
    history = [{**entry, "phase": HOSTILE} for entry in found.history]
    return replace(
        found,
        title=HOSTILE,
        metrics=metrics,
        history=history,
        comparisons=(replace(comparison, name=HOSTILE, tracks=tracks),),
    )


def test_a_stranger_s_name_is_text_and_nothing_else(found, html):
    page = render_report(hostile(found).content())
    plain, attacked = Elements(html), Elements(page)
    for tag in ("script", "style", "img"):
        assert len(attacked.contents(tag)) == len(plain.contents(tag)), tag
    assert not any(name.startswith("on") for _, a, _ in attacked.found for name in a)
    assert "".join(attacked.contents("title")).startswith(HOSTILE)
    assert HOSTILE in attacked.contents("code") and "49" not in attacked.contents("h1")[0]
    data = comparison_data(page)
    assert data[0]["tracks"][0]["label"] == HOSTILE


def test_a_name_that_is_no_text_is_still_a_page(found):
    assert "b?.wav" in render_report(replace(found, title="b\udcff.wav").content())


def test_the_audio_is_that_of_the_recordings(found, html):
    (data,) = comparison_data(html)
    assert [track["key"] for track in data["tracks"]] == ["dry", "wet", "matched", "difference"]
    assert data["tracks"][3]["flac"] is None  # the page computes it
    for track, embedded in zip(found.comparisons[0].tracks, data["tracks"], strict=False):
        decoded, rate = soundfile.read(io.BytesIO(base64.b64decode(embedded["flac"])))
        start = round(data["start"] * RATE)
        expected = track.samples[0, start : start + len(decoded)]
        assert rate == RATE and len(decoded) == round(data["seconds"] * RATE)
        np.testing.assert_allclose(decoded * embedded["gain"], expected, atol=4e-5)


def test_all_tracks_are_brought_to_one_loudness(found, html):
    (data,) = comparison_data(html)
    levels = {}
    for track in data["tracks"][:3]:
        decoded, _ = soundfile.read(io.BytesIO(base64.b64decode(track["flac"])))
        played = decoded * track["gain"] * 10 ** (track["matching_db"] / 20)
        assert np.max(np.abs(played)) * 10 ** (data["raise_db"] / 20) < 0.91
        levels[track["key"]] = 10 * np.log10(np.mean(played**2))
    assert abs(levels["wet"] - levels["matched"]) < 0.5
    assert data["tracks"][1]["matching_db"] == 0.0


@pytest.mark.parametrize(("seconds", "least"), [(10.0, 3.0), (30.0, 3.0)])
def test_the_size_is_bounded_whatever_the_recording(found, seconds, least):
    # Noise cannot be compressed, two channels at a high rate take the most.
    noise = [white_noise(seconds, 96_000, seed=seed, channels=2) for seed in range(3)]
    keys = ("dry", "wet", "matched")
    tracks = tuple(Track(key, key, audio) for key, audio in zip(keys, noise, strict=True))
    length = noise[0].shape[1]
    comparison = Comparison("", tracks, "wet", None, ("wet", "matched"), (length * 4 // 5, length))
    html = render_report(replace(found, comparisons=(comparison,), sample_rate=96_000).content())
    assert len(html) < 5e6
    (data,) = comparison_data(html)
    assert least <= data["seconds"] < seconds
    assert data["start"] <= seconds * 0.8 <= data["start"] + data["seconds"]
    assert "On this page:" in html


def test_a_pair_of_ten_seconds_is_whole_and_small(found):
    riff = np.repeat(plucked_strings(10.0, 44_100), 2, axis=0)
    tracks = tuple(Track(key, key, riff) for key in ("dry", "wet", "matched"))
    comparison = Comparison("", tracks, "wet", "dry", ("wet", "matched"), (352_800, 441_000))
    html = render_report(replace(found, comparisons=(comparison,), sample_rate=44_100).content())
    assert len(html) < 5e6
    assert comparison_data(html)[0]["seconds"] == pytest.approx(10.0)


def test_the_lag_of_each_wet_that_wandered_is_drawn(found):
    wandered = {"deviation_ms": 0.5, "speed_percent": 0.2, "knot_seconds": 0.1, "lag_ms": [0, 1, 0]}
    rows = [{**found.metrics, "id": f"take {at}", "gain_db": 0.0} for at in range(3)]
    several = {**found.metrics, "pairs": [rows[0], *({**r, "flutter": wandered} for r in rows[1:])]}
    for metrics, count in ((several, 2), ({**found.metrics, "flutter": wandered}, 1)):
        page = render_report(replace(found.content(), metrics=metrics))
        assert page.count("The lag of the wet beyond its latency, over time") == count
        titles = Elements(page).contents("h3")
        assert "take 0" not in titles and ("take 1" in titles) is ("take 2" in titles) is (
            count > 1
        )


def test_several_comparisons_share_the_page(found):
    comparisons = tuple(replace(found.comparisons[0], name=f"pair {at}") for at in range(9))
    html = render_report(replace(found, comparisons=comparisons).content())
    assert len(comparison_data(html)) == 6 and "3 more recordings" in html and len(html) < 5e6


def test_what_is_not_known_is_left_out(found):
    bare = replace(found, metrics={}, history=[], comparisons=(), title="bare")
    html = render_report(bare.content())
    assert "bare" in html and comparison_data(html) == []
    assert 'id="search"' not in html and 'id="listen"' not in html
