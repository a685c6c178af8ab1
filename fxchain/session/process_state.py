"""What a match borrows from the process it runs in, and gives back."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from fxchain.optim.threads import use_threads


@dataclass
class _Lent:
    """What the process had before the first of the matches that run now.

    Attributes:
        matches: how many run now, in all threads
        threads: of torch, before
        precision: of torch, before
    """

    matches: int = 0
    threads: int = 0
    precision: torch.dtype = torch.float32


_LENT, _LOCK, _HERE = _Lent(), threading.Lock(), threading.local()


@contextmanager
def torch_settings(threads: int) -> Iterator[None]:
    """Let torch use so many threads and single precision inside the block, as before after it.

    Several Python threads may be inside at the same time, each with its own number: the precision
    is the whole process's, so the last one out gives it back, and a thread that came while another
    was inside gets the number of threads from before that one.
    """
    inside = getattr(_HERE, "blocks", 0)
    with _LOCK:
        if _LENT.matches == 0:
            _LENT.threads, _LENT.precision = torch.get_num_threads(), torch.get_default_dtype()
        _LENT.matches += 1
        before = torch.get_num_threads() if inside else _LENT.threads
        _HERE.blocks = inside + 1
        use_threads(threads)
        torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        with _LOCK:
            _HERE.blocks = inside
            _LENT.matches -= 1
            torch.set_num_threads(before)
            if _LENT.matches == 0:
                torch.set_default_dtype(_LENT.precision)


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM inside the block: a found chain is scored and written to the end.

    Only the main thread can, and needs to, do so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    stops = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(stop, lambda number, frame: None) for stop in stops]
    try:
        yield
    finally:
        for stop, handler in zip(stops, before, strict=True):
            signal.signal(stop, handler)
