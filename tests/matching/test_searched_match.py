"""The match with its search, on small chains and few steps."""

import json

import numpy as np

from fxchain.matching.match import match
from fxchain.metrics.scores import esr
from fxchain.preset import Preset
from tests.matching.test_match import FILES, RATE, gain_chain, strings

__all__ = ["gain_chain"]


class Clock:
    """Tells a time that goes on by a tenth of a second whenever it is read."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        self.now += 0.1
        return self.now


def test_the_seconds_are_kept_within_ten_percent(gain_chain):
    clock = Clock()
    found = match(
        strings(2.0), np.tanh(strings(2.0)), RATE, chain="dynamics", seconds=10.0, clock=clock
    )
    assert found.history and found.history[-1]["seconds"] <= 11.0
    assert clock.now - 1_000.0 <= 12.0


def test_a_gain_and_a_peak_are_found(tmp_path):
    hidden = Preset.from_json(
        json.dumps(
            {
                "format": "fxchain-preset",
                "version": 1,
                "sample_rate": RATE,
                "stage": {
                    "chain": [
                        {
                            "primitive": "peak_filter",
                            "version": 1,
                            "parameters": {
                                "cutoff_frequency_hz": 1_200.0,
                                "gain_db": 6.0,
                                "q": 1.0,
                            },
                        },
                        {"primitive": "gain", "version": 1, "parameters": {"gain_db": -5.0}},
                    ]
                },
            }
        )
    )
    dry = strings(5.0)
    wet = hidden.board(RATE)(dry, RATE)
    path = tmp_path / "chain.json"
    path.write_text('{"chain": [{"primitive": "peak_filter"}, {"primitive": "gain"}]}')
    found = match(dry, wet, RATE, chain=path, iterations=40)
    assert found.metrics["held_out"]["esr"] < 1e-4
    assert esr(wet, found.matched) < 1e-4
    assert (
        found.metrics["held_out"]["esr"]
        < found.metrics["baselines"]["best_gain"]["held_out"]["esr"]
    )


def test_equal_inputs_give_equal_bytes(tmp_path):
    dry, wet = strings(3.0), np.tanh(3 * strings(3.0))
    for name in ("one", "two"):
        match(dry, wet, RATE, chain="drive", iterations=3, seed=4).write(tmp_path / name)
    for file in FILES:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_only_pedalboard_is_played_by_a_pedalboard():
    dry = strings(3.0)
    found = match(
        dry, np.tanh(4 * dry + 0.5), RATE, chain="drive", iterations=3, only_pedalboard=True
    )
    found.preset.to_pedalboard(RATE)
    assert found.metrics["without_twin"] == []


def test_locks_and_left_out_stages_hold():
    dry = strings(3.0)
    found = match(
        dry, 0.5 * dry, RATE, iterations=5, without=["reverb", "delay"], lock=["compressor.ratio=3"]
    )
    named = {
        slot.name: value
        for slot, value in zip(found.preset.stage.slots(), found.preset.values, strict=True)
    }
    assert named.get("compressor.ratio", 3.0) == 3.0
    assert not any(name.startswith(("reverb", "delay")) for name in named)


def test_a_start_is_where_it_goes_on(tmp_path):
    dry, wet = strings(2.0), np.tanh(2 * strings(2.0))
    first = match(dry, wet, RATE, chain="drive", iterations=4)
    first.preset.save(tmp_path / "first.json")
    second = match(dry, wet, RATE, start=tmp_path / "first.json", iterations=3)
    assert second.metrics["fitted"]["esr"] <= 1.02 * first.metrics["fitted"]["esr"]
    assert second.settings["started"]
