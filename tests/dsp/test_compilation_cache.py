"""Compiled code is kept where it may be, and compiled anew where it may not."""

import os
import stat
import tempfile

import numba
import pytest

from fxchain.dsp import compilation_cache
from fxchain.dsp.compilation_cache import find_cache, temporary_folder


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Return the system's folder for temporary files; the working folder is another one."""
    for name in ("temporary", "working"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "working")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    return tmp_path / "temporary"


@pytest.fixture
def read_only(monkeypatch):
    """Let numba find no folder of its own: neither beside the source nor in the user's cache."""
    from numba.core.caching import InTreeCacheLocator, UserWideCacheLocator

    def refuse(self):
        raise OSError(30, "Read-only file system")

    for locator in (InTreeCacheLocator, UserWideCacheLocator):
        monkeypatch.setattr(locator, "ensure_cache_path", refuse)


def test_where_numba_finds_a_folder_it_is_numbas(temporary):
    assert find_cache()
    assert numba.config.CACHE_DIR == "" and not any(temporary.iterdir())


def test_a_temporary_folder_takes_the_place_of_what_is_read_only(temporary, read_only):
    with pytest.raises(RuntimeError, match="cannot cache function"):
        numba.njit(cache=True)(compilation_cache._example)
    assert find_cache()
    (folder,) = temporary.iterdir()
    assert str(folder) == numba.config.CACHE_DIR
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def make_foreign(folder):
    folder.mkdir()
    os.chown(folder, 12_345, 12_345)


def make_open(folder):
    folder.mkdir()
    folder.chmod(0o777)


def make_link(folder):
    (folder.parent / "other").mkdir()
    folder.symlink_to("other")


def make_file(folder):
    folder.write_text("")


@pytest.mark.parametrize("make", [make_foreign, make_open, make_link, make_file])
def test_a_folder_that_others_may_write_to_is_not_taken(temporary, read_only, make):
    if make is make_foreign and os.geteuid() != 0:
        pytest.skip("only an administrator can give a folder away")
    folder = temporary_folder()
    folder.rmdir()
    make(folder)
    assert temporary_folder() is None
    assert not find_cache()


def test_nothing_is_kept_in_the_working_folder(temporary, read_only, monkeypatch):
    monkeypatch.chdir(temporary)  # Python falls back to it where there is no other
    assert not find_cache() and not any(temporary.iterdir())


def test_code_that_is_not_kept_is_compiled_all_the_same(temporary, read_only, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
    assert not find_cache()
    assert numba.njit(cache=find_cache())(lambda x: x + 1)(2) == 3
