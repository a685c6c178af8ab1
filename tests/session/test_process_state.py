"""A match leaves the process as it was, and several may run at the same time."""

import json
import multiprocessing
import random
import signal
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from fxchain import match
from fxchain.data.signals import plucked_strings
from fxchain.session.process_state import torch_settings

RATE = 16_000


@pytest.fixture(autouse=True)
def given_back() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """Return a chain that is searched by gradients, evolution and jumps."""
    path = tmp_path / "chain.json"
    kinds = ["peak_filter", "distortion", "delay"]
    path.write_text(json.dumps({"chain": [{"primitive": kind} for kind in kinds]}))
    return path


def found(chain: Path, seed: int = 0, threads: int = 1) -> str:
    """Return the preset of a short match."""
    dry = plucked_strings(0.8, RATE, seed)
    noise = np.random.default_rng(seed).normal(0.0, 1e-3, dry.shape)
    wet = np.tanh(5.0 * np.pad(dry, ((0, 0), (7, 0)))[:, : dry.shape[1]]) + noise
    made = match(dry, wet, RATE, iterations=110, chain=chain, threads=threads)
    assert {"gradient", "second order", "evolution"} <= {entry["phase"] for entry in made.history}
    return made.preset.to_json()


def surroundings() -> tuple[object, ...]:
    """Return everything of the process that a library may change behind one's back."""
    generator = np.random.get_state()
    return (
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.random.get_rng_state().tolist(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        random.getstate(),
        (generator[0], generator[1].tolist(), *generator[2:]),
        np.geterr(),
        [str(entry) for entry in warnings.filters],
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGTERM),
    )


def test_a_match_leaves_the_process_as_it_was(chain: Path) -> None:
    found(chain)  # libraries are loaded
    torch.set_num_threads(3)
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(5)
    np.random.seed(6)
    random.seed(7)
    before = surroundings()
    found(chain, threads=2)
    assert surroundings() == before


def test_so_does_one_that_fails() -> None:
    torch.set_num_threads(3)
    torch.set_default_dtype(torch.float64)
    before = surroundings()
    with pytest.raises(ZeroDivisionError), torch_settings(1):
        1 / 0  # noqa: B018
    assert surroundings() == before


def test_matches_in_threads_find_what_each_finds_alone(chain: Path) -> None:
    seeds = [0, 1, 2]
    alone = [found(chain, seed) for seed in seeds]
    torch.set_default_dtype(torch.float64)
    before = surroundings()
    with ThreadPoolExecutor(len(seeds)) as pool:
        together = list(pool.map(found, [chain] * 3, seeds))
    assert together == alone and len(set(alone)) == len(seeds)
    assert surroundings() == before


def test_the_first_out_does_not_disturb_the_last() -> None:
    """A thread that ends keeps the precision of another that goes on."""
    torch.set_num_threads(3)
    torch.set_default_dtype(torch.float64)
    inside, leave, seen = threading.Event(), threading.Event(), []

    def other() -> None:
        with torch_settings(1):
            inside.set()
            assert leave.wait(20)
            seen.append((torch.get_num_threads(), torch.get_default_dtype()))
        seen.append((torch.get_num_threads(), torch.get_default_dtype()))

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(20)
    with torch_settings(2):
        with torch_settings(1):
            pass
        assert torch.get_num_threads() == 2
    assert torch.get_default_dtype() == torch.float32
    leave.set()
    thread.join()
    assert seen == [(1, torch.float32), (3, torch.float64)]
    assert (torch.get_num_threads(), torch.get_default_dtype()) == (3, torch.float64)
    late = []
    thread = threading.Thread(target=lambda: late.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert late == [3]


def test_a_match_keeps_its_threads_whatever_another_sets() -> None:
    """Torch would take the other's number over at its first use in a thread."""
    inside, go_on, seen = threading.Event(), threading.Event(), []

    def other() -> None:
        with torch_settings(1):
            inside.set()
            assert go_on.wait(20)
            seen.append(torch.get_num_threads())

    with torch_settings(2):
        thread = threading.Thread(target=other)
        thread.start()
        assert inside.wait(20)
        torch.set_num_threads(3)
        go_on.set()
        thread.join()
    assert seen == [1]


@pytest.mark.parametrize("way", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_matches_in_processes_find_what_each_finds_alone(chain: Path, way: str) -> None:
    alone = found(chain, 1)
    with ProcessPoolExecutor(1, multiprocessing.get_context(way)) as pool:
        assert pool.submit(found, chain, 1).result(timeout=120) == alone
