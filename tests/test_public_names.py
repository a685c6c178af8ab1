"""`fxchain.__all__` is the whole of the public interface."""

import os
import subprocess
import sys
from types import ModuleType

import pytest

import fxchain


def test_all_is_sorted():
    assert list(fxchain.__all__) == sorted(set(fxchain.__all__))


def test_every_listed_name_is_there():
    for name in fxchain.__all__:
        assert getattr(fxchain, name).__doc__ or name.startswith("__"), f"{name} says nothing"


def test_every_public_name_is_listed():
    public = {
        name
        for name in dir(fxchain)
        if not name.startswith("_") and not isinstance(getattr(fxchain, name), ModuleType)
    }
    assert public == {name for name in fxchain.__all__ if not name.startswith("_")}


@pytest.mark.parametrize(("given", "expected"), [(None, "passive"), ("active", "active")])
def test_waiting_threads_give_way_unless_the_user_says_otherwise(given, expected):
    environment = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    if given is not None:
        environment["OMP_WAIT_POLICY"] = given
    code = "import os, fxchain; print(os.environ['OMP_WAIT_POLICY'])"
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == expected
