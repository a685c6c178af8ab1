"""Standard output and standard error: any encoding, and a full disk behind them.

Characters that the encoding does not have are replaced. A stream that cannot be written to does not
end the work: what is lost is text, and one line on the other stream says so at the end.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_NAMES = ("standard output", "standard error")


class OutputStream(io.TextIOWrapper):
    """A text stream that replaces what it cannot encode and remembers why it failed.

    A reader that has gone (`BrokenPipeError`) is an error as always: nobody reads any more.

    Attributes:
        failure: the first error of writing; None: there was none
    """

    failure: OSError | None = None

    def write(self, text: str) -> int:
        """Write text; return its length, written or not."""
        with self._remembering():
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        with self._remembering():
            super().flush()

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            self.failure = self.failure or error


@contextmanager
def output_streams() -> Iterator[None]:
    """Replace `sys.stdout` and `sys.stderr` inside the block by streams that never end the work.

    Raises:
        SystemExit: with code 1, where one of them could not be written to and the block raised
            none with another code than 0.
    """
    sys.stdout, sys.stderr = _opened(sys.stdout), _opened(sys.stderr)
    code: object = 0
    try:
        yield
    except SystemExit as left:
        code = left.code
    failed = _report_failures()
    if code or failed:
        raise SystemExit(code or 1)


def _opened(stream: TextIO | None) -> TextIO:
    """Return a stream in place of another; of one that is closed, one that keeps nothing."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):  # a test's or an editor's own
        return stream
    errors = "replace" if stream.errors in ("strict", "surrogateescape") else stream.errors
    encoding, buffering, through = stream.encoding, stream.line_buffering, stream.write_through
    return OutputStream(stream.detach(), encoding, errors, None, buffering, through)


def _report_failures() -> bool:
    """Say on each stream that the other could not be written to; return whether one could not."""
    pairs = ((_NAMES[0], sys.stdout, sys.stderr), (_NAMES[1], sys.stderr, sys.stdout))
    failed = False
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            _discard(stream)
        except ValueError:  # it was closed
            continue
    for name, stream, other in pairs:
        failure = getattr(stream, "failure", None)
        if failure is None:
            continue
        failed = True
        reason = failure.strerror or failure
        print(
            f"error: {name} cannot be written to ({reason}), so some text is lost; files that were "
            "written are complete",
            file=other,
            flush=True,
        )
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "failure", None) is not None:
            _discard(stream)
    return failed


def _discard(stream: TextIO) -> None:
    """Let what a stream still buffers go nowhere, so that Python can close it when it ends."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
