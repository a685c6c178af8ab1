"""What was found of a plug-in is kept, as long as nothing changed."""

from dataclasses import replace

import pytest

from fxchain.errors import PluginError
from fxchain.hosting import kept_findings
from fxchain.hosting.description import PluginDescription, PluginKnob
from fxchain.hosting.kept_findings import probed_once

KNOB = PluginKnob("level", "Level", "dB", -20.0, 20.0, 0.0, "linear")
KNOWN = PluginDescription("/here/A.vst3", "A", "1", "Maker", "Fx", "00ff", "", (KNOB,))


@pytest.fixture
def tried(tmp_path, monkeypatch) -> list[str]:
    """Return the files that are tried from now on; the folder for caches is empty."""
    files: list[str] = []

    def probed(known: PluginDescription, sample_rate: float) -> PluginDescription:
        files.append(known.file)
        if known.name == "Hangs":
            raise PluginError("it did not come back")
        return replace(known, probed=True, behaviour="filter", settling_samples=int(sample_rate))

    monkeypatch.setattr(kept_findings, "probed", probed)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return files


def test_a_plug_in_is_tried_once_wherever_it_lies(tried):
    first = probed_once(KNOWN, 44_100)
    assert first.behaviour == "filter"
    assert probed_once(KNOWN, 44_100) == first
    moved = replace(KNOWN, file="/there/A.vst3")
    assert probed_once(moved, 44_100) == replace(first, file="/there/A.vst3")
    assert len(tried) == 1


@pytest.mark.parametrize(
    "changes", [{"sha256": "00fe"}, {"state": "AA=="}, {"knobs": (replace(KNOB, default=1.0),)}]
)
def test_another_plug_in_is_tried_anew(tried, changes):
    probed_once(KNOWN, 44_100)
    probed_once(replace(KNOWN, **changes), 44_100)
    assert probed_once(KNOWN, 48_000).settling_samples == 48_000
    assert len(tried) == 3


def test_with_another_pedalboard_it_is_tried_anew(tried, monkeypatch):
    probed_once(KNOWN, 44_100)
    monkeypatch.setattr(kept_findings, "version", lambda name: "0.0.0")
    kept_findings._programs.cache_clear()
    probed_once(KNOWN, 44_100)
    kept_findings._programs.cache_clear()
    assert len(tried) == 2


def test_what_cannot_be_read_is_found_anew(tried, tmp_path):
    probed_once(KNOWN, 44_100)
    (kept,) = (tmp_path / "fxchain").iterdir()
    for text in ("", "[]", '{"file": 1}'):
        kept.write_text(text)
        assert probed_once(KNOWN, 44_100).probed
    assert len(tried) == 4


def test_of_a_plug_in_that_hangs_nothing_is_kept(tried, tmp_path):
    for _ in range(2):
        with pytest.raises(PluginError):
            probed_once(replace(KNOWN, name="Hangs"), 44_100)
    assert len(tried) == 2 and not (tmp_path / "fxchain").exists()
