"""`fxchain show` draws a chain as a musician does."""

from rich.console import Console

from fxchain.cli.show import tree_of
from fxchain.preset import Preset
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
