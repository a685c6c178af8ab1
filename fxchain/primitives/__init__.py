"""Every effect, one file each: a module here that holds a `PRIMITIVE` is found by its name."""

import difflib
import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from fxchain.errors import ParameterError
from fxchain.primitives.base import NATURES, PURPOSES, Nature, Primitive, Purpose


class Registry(Mapping[str, Primitive]):
    """Every effect by its kind; its module, which has the same name, is loaded when asked for.

    Going through it, or counting, loads all of them.
    """

    def __init__(self) -> None:
        self._modules = tuple(sorted(info.name for info in pkgutil.iter_modules(__path__)))

    def __getitem__(self, kind: str) -> Primitive:
        """Return an effect.

        Raises:
            KeyError: there is none of that kind.
            ParameterError: it calls itself otherwise than its module.
        """
        if kind not in self._modules:
            raise KeyError(kind)
        primitive = getattr(importlib.import_module(f"{__name__}.{kind}"), "PRIMITIVE", None)
        if not isinstance(primitive, Primitive):
            raise KeyError(kind)
        if primitive.kind != kind:
            raise ParameterError(f"the effect of {kind}.py calls itself {primitive.kind!r}")
        return primitive

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._modules if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


REGISTRY = Registry()


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
