"""`fxchain.__all__` is the whole of the public interface."""

from types import ModuleType

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
