"""The settings of plug-ins of other makers are found."""

import json
import os
import signal

import numpy as np
import pytest

import fxchain
from fxchain.data.signals import plucked_strings
from fxchain.errors import PluginError
from fxchain.hosting import hosted_plugin
from fxchain.hosting.plugin_process import PluginProcess
from fxchain.preset import Preset, parse_chain
from fxchain.render import render
from fxchain.structure.plugins import of_plugins, probed_at
from tests.hosting.plugins import file_of, needs_plugins

RATE = 44_100
DRY = plucked_strings(3.0, RATE, seed=5)

pytestmark = needs_plugins


def test_a_drive_and_the_settings_of_a_delay_are_found(tmp_path):
    known = {"sync_bpm": 0.0, "divisor": 0.0, "invert": 0.0, "output_gain_db": -2.0}
    delay = {"plugin": file_of("ZamDelay"), "parameters": known}
    drive = {"primitive": "distortion", "parameters": {}}
    (tmp_path / "chain.json").write_text(json.dumps({"chain": [drive, delay]}))
    hidden = {**known, "time_ms": 97.3, "feedback": 0.4, "dry_wet": 0.35, "lpf_hz": 3_000.0}
    node = {"chain": [{**drive, "parameters": {"drive_db": 12.0}}, {**delay, "parameters": hidden}]}
    stage, values, _ = parse_chain(node, "hidden")
    wet = Preset(stage, values, RATE).board(RATE)(DRY, RATE)
    found = fxchain.match(DRY, wet, RATE, iterations=80, chain=tmp_path / "chain.json")
    assert found.metrics["fitted"]["esr"] < 1e-2
    effect = json.loads(found.preset.to_json())["stage"]["chain"][1]
    assert effect["plugin"]["behaviour"] == "filter"
    assert effect["parameters"]["time_ms"] == pytest.approx(97.3, abs=0.05)
    again = Preset.from_json(found.preset.to_json())
    played = render(again, DRY, RATE)
    np.testing.assert_array_equal(played, render(found.preset, DRY, RATE))
    np.testing.assert_allclose(played, found.matched, atol=1e-6)


def test_knobs_without_effect_are_left_as_found():
    template = probed_at(of_plugins([file_of("ZamEQ2")]), RATE)
    fixed = [
        slot.spec.name
        for slot, free in zip(template.stage.slots(), template.free, strict=True)
        if not free
    ]
    assert fixed == ["peaks_on"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("ZaMaximX2", "480 samples late"), ("ZamHeadX2", "the same input does not give the same")],
)
def test_what_cannot_be_matched_is_refused(name, reason):
    with pytest.raises(PluginError, match=reason):
        probed_at(of_plugins([file_of(name)]), RATE)


def compressor_settings(kill_at: int | None, monkeypatch) -> tuple[np.ndarray, list[int]]:
    """Match a hidden setting of a compressor; return what is found, and the processes killed.

    Args:
        kill_at: the process that plays this request, and the next, is killed before it answers
        monkeypatch: of pytest
    """
    file = file_of("ZamComp")
    template = of_plugins([file])
    hidden = template.values.copy()
    names = [slot.spec.name for slot in template.stage.slots()]
    hidden[names.index("threshold_db")], hidden[names.index("ratio")] = -35.0, 6.0
    dry = plucked_strings(1.5, RATE, seed=5)
    wet = Preset(template.stage, hidden, RATE).board(RATE)(dry, RATE)
    asked, killed, began = [], [], PluginProcess.ask

    def ask(process, method, arguments, seconds):
        asked.append(method)
        due = kill_at is not None and asked.count("play_each") >= kill_at
        if due and method == "play_each" and len(killed) < 2:
            killed.append(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        return began(process, method, arguments, seconds)

    with monkeypatch.context() as patched:
        patched.setattr(PluginProcess, "ask", ask)
        found = fxchain.match(
            dry, wet, RATE, iterations=12, plugin=[file], latency_samples=0.0, threads=1
        )
    return found.preset.values, killed


def test_a_plug_in_that_is_killed_in_mid_fit_changes_nothing(monkeypatch):
    undisturbed, none = compressor_settings(None, monkeypatch)
    found, killed = compressor_settings(6, monkeypatch)
    assert not none and len(killed) == 2
    np.testing.assert_array_equal(found, undisturbed)


def test_a_plug_in_that_hangs_is_refused_with_a_message(monkeypatch):
    monkeypatch.setattr(hosted_plugin, "LOADING_SECONDS", 2.0)
    with pytest.raises(PluginError, match=r"ZamVerb.* did not come back in 2 s; it was ended"):
        fxchain.match(DRY, DRY, RATE, iterations=1, plugin=[file_of("ZamVerb")])
