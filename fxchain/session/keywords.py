"""Keyword arguments of a public function become one frozen dataclass of options."""

from collections.abc import Collection, Mapping
from dataclasses import Field, fields
from typing import Any, TypeVar

Options = TypeVar("Options")


def options_from_keywords(
    kind: type[Options],
    given: Mapping[str, Any],
    function: str,
    unsupported: Collection[str] = (),
) -> Options:
    """Return options with the values that were given, sequences as tuples.

    Args:
        kind: a frozen dataclass
        given: keyword arguments
        function: whose they are, for the message
        unsupported: fields that the function does not take

    Raises:
        TypeError: the function has no such option, or a sequence is none.
    """
    known: dict[str, Field[Any]] = {
        each.name: each
        for each in fields(kind)  # type: ignore[arg-type]
        if each.name not in unsupported
    }
    for name in given:
        if name not in known:
            raise TypeError(
                f"{function}() got an unexpected keyword argument {name!r}; its options are "
                f"{', '.join(known)}"
            )
    return kind(
        **{
            name: tuple(value) if isinstance(known[name].default, tuple) else value
            for name, value in given.items()
        }
    )
