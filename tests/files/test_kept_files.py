"""Files that are kept in the folder for caches."""

import os

import pytest

from fxchain.files.kept_files import keep_file


def test_a_file_is_kept_whole_and_replaces_what_was_there(tmp_path):
    place = tmp_path / "new" / "kept.json"
    for made in (b"first", b"second"):
        keep_file(place, made)
        assert place.read_bytes() == made
    assert list(place.parent.iterdir()) == [place]


def test_what_cannot_be_kept_leaves_nothing(tmp_path, monkeypatch):
    def refuse(source, target):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    keep_file(tmp_path / "kept.json", b"made")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    keep_file(tmp_path / "kept.json", b"made")
    assert list(tmp_path.iterdir()) == []
