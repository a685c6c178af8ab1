"""Independent pieces of work on several threads."""

import threading

import pytest
import torch

from fxchain.dsp.recursion import cascade
from fxchain.dsp.thread_pool import map_threads
from fxchain.session.process_state import torch_settings


def test_results_come_in_the_order_of_the_items() -> None:
    with torch_settings(2):
        assert map_threads(lambda item: item * item, range(50)) == [n * n for n in range(50)]


def test_one_thread_works_where_it_is_called() -> None:
    with torch_settings(1):
        names = set(map_threads(lambda item: threading.current_thread().name, range(3)))
    assert names == {threading.current_thread().name}


def test_what_fails_is_raised() -> None:
    def refuse(item: int) -> int:
        raise ValueError(f"item {item}")

    with torch_settings(2), pytest.raises(ValueError, match="item 0"):
        map_threads(refuse, range(4))


def test_filters_play_the_same_on_any_number_of_threads() -> None:
    audio = torch.randn(9, 2, 500, generator=torch.Generator().manual_seed(0))
    rows = torch.tensor([[[0.5, 0.2, 0.1, 1.0, -0.3, 0.1]]], dtype=torch.float64)
    played = []
    for threads in (1, 2, 3):
        with torch_settings(threads):
            played.append(cascade(audio, rows))
    assert torch.equal(played[0], played[1]) and torch.equal(played[0], played[2])
