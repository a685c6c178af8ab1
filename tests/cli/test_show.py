"""`fxchain show` draws a chain as a musician does."""

import json

from rich.console import Console

from fxchain.cli.show import tree_of, tree_of_patch
from fxchain.preset import Preset
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.patch import Patch
from tests.structure.test_canonical import CLEAN, CLIP, DRIVE, HIGH, PEAK, SHELF, chain, mix


def shown(*nodes):
    candidate = chain(*nodes)
    console = Console(width=200, highlight=False)
    with console.capture() as capture:
        console.print(tree_of(Preset(candidate.stage, candidate.values, 44_100), "a"))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_bands_of_a_run_stand_in_one_equalizer():
    assert [line.split("_")[0] for line in shown(HIGH, PEAK, {"chain": [SHELF]}, DRIVE, PEAK)] == [
        "a made at 44100 Hz",
        "├── highpass",
        "├── equalizer",
        "│   ├── peak",
        "│   └── low",
        "├── distortion  drive",
        "└── equalizer",
        "    └── peak",
    ]


def test_a_branch_of_one_box_takes_one_line():
    assert shown(mix(CLEAN, (0.5, [DRIVE]), (0.1, [DRIVE, CLIP]))) == [
        "a made at 44100 Hz",
        "└── mix",
        "    ├── weight 0.4  unchanged",
        "    ├── weight 0.5  distortion  drive_db 12 dB",
        "    └── weight 0.1",
        "        ├── distortion  drive_db 12 dB",
        "        └── clipping  threshold_db -12 dB",
    ]


def test_an_empty_chain_is_unchanged():
    assert shown() == ["a made at 44100 Hz", "└── unchanged"]


def lines_of(patch):
    console = Console(width=200, highlight=False)
    with console.capture() as capture:
        console.print(tree_of_patch(patch, "patch.json"))
    return [line.strip("│├└─ ").rstrip() for line in capture.get().splitlines()]


def test_a_patch_shows_sources_controls_with_units_and_effects():
    candidate = chain(DRIVE)
    preset = Preset(candidate.stage, candidate.values, 44_100)
    voice = Patch.model_validate(
        {
            "sources": [{"source": "pulse", "weight": 0.25, "parameters": {"width": 0.3}}],
            "controls": {"cutoff_frequency_hz": 900.0},
            "effects": json.loads(preset.to_json()),
        }
    )
    lines = lines_of(voice)
    assert lines[0].startswith("patch.json")
    assert any(line.startswith("pulse  weight 0.25") and "0.3" in line for line in lines)
    assert "cutoff_frequency_hz 900 Hz" in lines
    assert "distortion  drive_db 12 dB" in lines


def test_a_drum_shows_its_sources_alone():
    drum = DrumPatch.model_validate({"sources": [{"source": "swept_sine"}, {"source": "click"}]})
    lines = lines_of(drum)
    assert sum(line.startswith(("swept_sine", "click")) for line in lines) == 2
    assert "controls" not in lines
