"""The LV2 in `lv2apply`, a host of Debian: it plays a recording by the plug-in's URI."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pedalboard.io import AudioFile

from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.preset import Preset
from tests.native.equal import assert_equal_samples
from tests.native.exported_plugin import export_plugin
from tests.native.test_vst3 import hidden, moving, with_response

RATE = 44_100
pytestmark = pytest.mark.skipif(
    shutil.which("lv2apply") is None,
    reason="lv2apply is not installed (Debian and Ubuntu: apt-get install lilv-utils)",
)


def applied(bundle: Path, audio: np.ndarray, rate: int, *controls: object) -> np.ndarray:
    """Return what the host makes of (channels, samples) with the plug-in of a bundle."""
    given, made = (bundle.with_suffix(f".{name}.wav") for name in ("in", "out"))
    with AudioFile(str(given), "w", rate, len(audio), bit_depth=32) as file:
        file.write(audio.astype(np.float32))
    uri = re.search(r"<(urn:fxchain:\w+)>", (bundle / "manifest.ttl").read_text())[1]
    command = ["lv2apply", "-i", given, "-o", made, *controls, uri]
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        env={**os.environ, "LV2_PATH": str(bundle.parent)},
    )
    assert done.returncode == 0, done.stderr
    with AudioFile(str(made)) as file:
        assert file.samplerate == rate and file.file_dtype == "float32"
        return file.read(file.frames)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "made", [moving, lambda: hidden(3), with_response], ids=["moving", "hidden", "response"]
)
def test_it_plays_what_the_board_plays(tmp_path, made, channels):
    """The host plays one sample at a time."""
    preset, rate = made(), 48_000
    bundle = export_plugin(preset, tmp_path / "Own.lv2", "--channels", str(channels))
    audio = 0.3 * white_noise(0.3, rate, channels=channels)
    wanted = preset.board(rate)(audio, rate, reset=True)
    played = applied(bundle, audio, rate)
    if made is with_response:
        assert null_depth_db(played, wanted) <= -125.0
    else:
        assert_equal_samples(played, wanted)


def test_a_port_that_the_host_sets_is_the_board_s_knob(tmp_path):
    preset = moving()
    names = [(slot.kind, slot.spec.name) for slot in preset.stage.slots()]
    values = preset.values.copy()
    values[names.index(("peak_filter", "cutoff_frequency_hz"))] = 440.0
    audio = 0.3 * white_noise(0.2, RATE, channels=2)
    wanted = Preset(preset.stage, values, RATE).board(RATE)(audio, RATE, reset=True)
    control = ("-c", "stage_1_peak_filter_cutoff_frequency_hz", 440.0)
    bundle = export_plugin(preset, tmp_path / "Own.lv2")
    np.testing.assert_array_equal(applied(bundle, audio, RATE, *control), wanted)
