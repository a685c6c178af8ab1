"""Every effect, one file each: a module here that holds a `PRIMITIVE` is found by itself."""

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from fxchain.errors import ParameterError
from fxchain.primitives.base import NATURES, PURPOSES, Nature, Primitive, Purpose


def _collect() -> Mapping[str, Primitive]:
    found: dict[str, Primitive] = {}
    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        primitive = getattr(module, "PRIMITIVE", None)
        if primitive is None:
            continue
        if primitive.kind in found:
            raise ParameterError(f"two primitives call themselves {primitive.kind!r}")
        found[primitive.kind] = primitive
    return MappingProxyType(found)


REGISTRY = _collect()


def get_primitive(kind: str) -> Primitive:
    """Return the effect of that name.

    Raises:
        ParameterError: when there is none.
    """
    if kind not in REGISTRY:
        near = difflib.get_close_matches(kind, REGISTRY, 1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ParameterError(f"unknown effect {kind!r}{meant} (fxchain primitives lists them)")
    return REGISTRY[kind]


def generalizations() -> dict[str, Primitive]:
    """Return, by kind, an effect without a twin that can do what that one does and more."""
    return {
        found.generalizes: found
        for found in REGISTRY.values()
        if found.generalizes is not None and found.plugin is None
    }


__all__ = [
    "NATURES",
    "PURPOSES",
    "REGISTRY",
    "Nature",
    "Primitive",
    "Purpose",
    "generalizations",
    "get_primitive",
]
