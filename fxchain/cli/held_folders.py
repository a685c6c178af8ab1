"""Folders that a command holds until it ends, so that no other run writes to them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path

_HELD: ContextVar[ExitStack | None] = ContextVar("held", default=None)


@contextmanager
def held_folders() -> Iterator[None]:
    """Let go of what `hold` holds when the block ends."""
    with ExitStack() as stack:
        before = _HELD.set(stack)
        try:
            yield
        finally:
            _HELD.reset(before)


def hold(folder: Path) -> None:
    """Hold a folder until the command ends.

    Raises:
        OutputError: another run holds it.
    """
    from fxchain.files.folder_lock import only_run

    if (stack := _HELD.get()) is not None:
        stack.enter_context(only_run(folder))
