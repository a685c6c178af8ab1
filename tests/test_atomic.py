"""Files appear complete or not at all, and nothing else is left."""

import os
from pathlib import Path

import pytest

from fxchain.atomic import (
    check_file_target,
    check_folder_target,
    publishing,
    replacing,
    write_text_atomic,
)
from fxchain.errors import OutputError


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
        assert names(target) == [staging.name]
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
    for name in ("a", "b"):
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
    assert names(tmp_path) == ["a", "b"]
    assert [(tmp_path / name).read_text() for name in ("a", "b")] == ["old", "old"]


def test_targets_that_cannot_be_folders(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        check_folder_target(tmp_path / "file")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        check_folder_target(tmp_path / "file" / "below")
    assert check_folder_target(tmp_path / "new" / "deep") == tmp_path.resolve() / "new" / "deep"
    assert names(tmp_path) == ["file"]
