"""The package `neural-amp-modeler`, which is installed with the extra `benchmark`."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from fxchain.errors import MatchError

#: The name that it is imported by.
_PACKAGE = "nam"


def require_nam() -> None:
    """Return where the package is installed, without importing it, which takes seconds.

    Raises:
        MatchError: it is not installed.
    """
    if importlib.util.find_spec(_PACKAGE) is None:
        raise MatchError(
            "Neural Amp Modeler is not installed; install it with: pip install 'fxchain[benchmark]'"
        )


def nam_module(name: str) -> ModuleType:
    """Import a module of the package, such as "models.wavenet".

    Raises:
        MatchError: the package is not installed.
    """
    require_nam()
    return importlib.import_module(f"{_PACKAGE}.{name}")
