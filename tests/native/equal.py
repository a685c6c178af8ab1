"""Equal samples, where pedalboard calls the functions that the player has."""

import platform

import numpy as np

from fxchain.metrics.scores import null_depth_db

#: The versions of the GNU C library whose functions the player's are, on x86-64.
FIRST, LAST = (2, 28), (2, 40)
#: dB: filters in single precision behind a drive whose last bits differ round otherwise.
OTHERWISE_DB = -75.0


def other_functions() -> str | None:
    """Return why the elementary functions here are not those of the player, or None."""
    name, version = platform.libc_ver()
    if platform.machine() == "x86_64" and name == "glibc":
        numbers = tuple(int(each) for each in version.split(".")[:2])
        if FIRST <= numbers <= LAST:
            return None
    return f"the C library here ({platform.machine()}, {name} {version}) rounds otherwise"


def assert_equal_samples(made: np.ndarray, wanted: np.ndarray) -> None:
    """Compare what a player and the board make: equal where both have the same functions."""
    if other_functions() is None:
        np.testing.assert_array_equal(made, wanted)
    elif not np.array_equal(made, wanted):
        assert null_depth_db(made, wanted) <= OTHERWISE_DB
