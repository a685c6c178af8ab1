"""Broken recordings given to a transfer or dropped into the studio; how many were tried in all."""

import os
from pathlib import Path

import pytest

from fxchain.errors import AudioError
from fxchain.studio.limits import Limits
from fxchain.studio.uploads import check_upload
from tests.hostile import test_audio_files as audio
from tests.hostile import test_manifests_and_options as options
from tests.hostile import test_presets as presets
from tests.hostile.commands import refused, run
from tests.hostile.corpus import BROKEN, UNMATCHABLE, strings, written

SIDES = {
    "input": lambda name: ["transfer", name, "good.wav", "--out", "out", "--iterations", 1],
    "reference": lambda name: ["transfer", "good.wav", name, "--out", "out", "--iterations", 1],
}
BOTH_WAYS = {**BROKEN, **UNMATCHABLE}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a healthy recording."""
    monkeypatch.chdir(tmp_path)
    written(strings())(tmp_path / "good.wav")
    return tmp_path


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", BOTH_WAYS)
def test_a_transfer_refuses_a_broken_recording_in_one_line(
    folder: Path, name: str, side: str
) -> None:
    make, reason = BOTH_WAYS[name]
    if name == "opposed.wav":
        if side == "input":
            return  # a stereo input stays stereo
        reason = "silent when its channels are mixed to mono"
    make(folder / name)
    before = sorted(os.listdir())
    refused(run(*SIDES[side](name)), name, reason)
    assert sorted(os.listdir()) == before


NO_UPLOADS = {"missing.wav", "folder.wav", "pipe.wav", "circle.wav", "nowhere.wav"}
UPLOADS = [name for name in BROKEN if name not in NO_UPLOADS and "longlong" not in name]


@pytest.mark.parametrize("name", UPLOADS)
def test_the_studio_refuses_a_broken_upload_in_one_line(folder: Path, name: str) -> None:
    make, reason = BROKEN[name]
    make(folder / name)
    with pytest.raises(AudioError) as caught:
        check_upload(folder / name, "dry", Limits())
    assert reason in str(caught.value) and str(folder) not in str(caught.value)


def test_at_least_two_hundred_bad_inputs_are_tried() -> None:
    tried = {
        "recordings": len(BROKEN) * len(audio.COMMANDS) + 2 * len(UNMATCHABLE) - 1,
        "transfers": len(BOTH_WAYS) * len(SIDES) - 1,
        "uploads": len(UPLOADS),
        "presets": len(presets.HOSTILE) * len(presets.COMMANDS),
        "manifests": len(options.MANIFESTS),
        "options": len(options.OPTIONS),
    }
    different = len(BOTH_WAYS) + len(presets.HOSTILE) + len(options.MANIFESTS)
    assert different + len(options.OPTIONS) >= 200 and sum(tried.values()) >= 500
    assert len(options.BY_NAME) >= 10
