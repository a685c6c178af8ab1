"""Files appear complete or not at all, and nothing else is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fxchain.errors import OutputError
from fxchain.files.atomic import (
    check_file_target,
    check_folder_target,
    publishing,
    replacing,
    write_text_atomic,
)
from fxchain.files.swap_folders import swap_folders

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    """Return every entry of a folder, hidden ones too."""
    return sorted(os.listdir(folder))


def test_text_is_written_as_it_is(tmp_path):
    write_text_atomic(tmp_path / "a.txt", "ä\r\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc3\xa4\r\nb\n"
    assert names(tmp_path) == ["a.txt"]


def test_an_existing_file_needs_force(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OutputError, match="exists already"):
        write_text_atomic(path, "new")
    assert path.read_text() == "old"
    write_text_atomic(path, "new", force=True)
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error), replacing(path, force=True) as temporary:
        temporary.write_text("half")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(OutputError, match="exists already"), replacing(path):
        path.write_text("someone else's")
    assert path.read_text() == "someone else's"
    assert names(tmp_path) == ["a.txt"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    write_text_atomic(tmp_path / "new", "")
    (tmp_path / "usual").write_text("")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_text_atomic(tmp_path / "link", "new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_targets_that_cannot_be_files(tmp_path):
    with pytest.raises(OutputError, match="is a folder"):
        check_file_target(tmp_path, force=True)
    with pytest.raises(OutputError, match="does not exist; create it first"):
        check_file_target(tmp_path / "no" / "a.txt")
    with pytest.raises(OutputError, match="is a device"):
        check_file_target(os.devnull, force=True)


def test_publishing_creates_the_folder_with_everything(tmp_path):
    target = tmp_path / "deep" / "result"
    with publishing(target) as staging:
        (staging / "a").write_text("a")
        (staging / "sub").mkdir()
        (staging / "sub" / "b").write_text("b")
        assert not target.exists()
    assert names(target) == ["a", "sub"]
    assert (target / "sub" / "b").read_text() == "b"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_publishing_leaves_nothing_after_an_error(tmp_path, error):
    with pytest.raises(error), publishing(tmp_path / "deep" / "result") as staging:
        (staging / "a").write_text("a")
        raise error
    assert names(tmp_path) == []


def test_publishing_needs_force_for_a_folder_with_files(tmp_path):
    (tmp_path / "other").write_text("kept")
    (tmp_path / "a").write_text("old")
    with pytest.raises(OutputError, match="has files in it"), publishing(tmp_path):
        pytest.fail("the block must not run")
    with publishing(tmp_path, force=True) as staging:
        (staging / "a").write_text("new")
    assert names(tmp_path) == ["a", "other"]
    assert (tmp_path / "a").read_text() == "new"


@pytest.mark.parametrize("failing_move", [1, 2, 3, 4])
def test_a_failing_move_brings_everything_back(tmp_path, monkeypatch, failing_move):
    for name in ("a", "b", "other"):
        (tmp_path / name).write_text("old")
    rename, moves = Path.rename, []

    def fail_once(path, target):
        moves.append(path)
        if len(moves) == failing_move:
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    with (
        pytest.raises(OutputError, match=r"cannot be written \(Permission denied\)"),
        publishing(tmp_path, force=True) as staging,
    ):
        for name in ("a", "b"):
            (staging / name).write_text("new")
        monkeypatch.setattr(Path, "rename", fail_once)
    assert names(tmp_path) == ["a", "b", "other"]
    assert [(tmp_path / name).read_text() for name in ("a", "b")] == ["old", "old"]


KILLED = """
import os, signal, sys
from fxchain.files import atomic
count = int(sys.argv[2])
def dying(*_):
    global count
    count -= 1
    if count < 0:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(lambda event, _: dying() if event == "os.rename" else None)
with atomic.publishing(sys.argv[1], force=True) as staging:
    for name in ("a", "b"):
        (staging / name).write_text("new")
    dying()
print("done")
"""


@pytest.mark.parametrize("before", [[], ["a"], ["a", "b"]])
@pytest.mark.parametrize("moves", range(3))
def test_killed_at_any_move_the_folder_is_old_or_new(tmp_path, before, moves):
    target = tmp_path / "result"
    for name in before:
        target.mkdir(exist_ok=True)
        (target / name).write_text("old")
    command = [sys.executable, "-c", KILLED, str(target), str(moves)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    found = {name: (target / name).read_text() for name in names(target)} if target.exists() else {}
    assert found in ({name: "old" for name in before}, {"a": "new", "b": "new"})
    assert done.returncode in (0, -signal.SIGKILL)
    assert (found == {"a": "new", "b": "new"}) or done.returncode == -signal.SIGKILL


def test_what_an_earlier_run_left_needs_no_force_and_goes(tmp_path):
    target = tmp_path / "result"
    target.mkdir()
    (target / "state").write_text("old")
    with publishing(target, own=["state"]) as staging:
        (staging / "a").write_text("new")
        assert names(target) == ["state"]
    assert names(target) == ["a"] and names(tmp_path) == ["result"]


def test_what_an_earlier_run_left_goes_beside_other_files_too(tmp_path):
    for name in ("state", "other"):
        (tmp_path / name).write_text("old")
    with publishing(tmp_path, force=True, own=["state"]) as staging:
        (staging / "a").write_text("new")
    assert names(tmp_path) == ["a", "other"]


def test_a_folder_that_a_shell_stands_in_stays_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with publishing(tmp_path) as staging:
        (staging / "a").write_text("new")
    assert os.listdir() == names(tmp_path) == ["a"]


@pytest.mark.parametrize("in_one_step", [True, False])
def test_folders_trade_places(tmp_path, monkeypatch, in_one_step):
    if not in_one_step:
        monkeypatch.setattr("fxchain.files.swap_folders._exchanged", lambda *_: False)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text(name)
    swap_folders(tmp_path / "a", tmp_path / "b")
    assert names(tmp_path) == ["a", "b"]
    assert names(tmp_path / "a") == ["b"] and names(tmp_path / "b") == ["a"]


def test_targets_that_cannot_be_folders(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        check_folder_target(tmp_path / "file")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        check_folder_target(tmp_path / "file" / "below")
    assert check_folder_target(tmp_path / "new" / "deep") == tmp_path.resolve() / "new" / "deep"
    assert names(tmp_path) == ["file"]
