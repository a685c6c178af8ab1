"""What a result was made with."""

import platform
from importlib import metadata

_LIBRARIES = (
    "fxchain",
    "nevergrad",
    "numba",
    "numpy",
    "pedalboard",
    "scipy",
    "soxr",
    "torch",
    "torchcomp",
    "torchlpc",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of every library that the figures depend on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
