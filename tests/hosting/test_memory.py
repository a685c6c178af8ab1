"""Does a plug-in that stays loaded remember? Plug-ins that are functions, with a memory or none."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from fxchain.hosting.memory import forgets

SETTINGS = [
    {"number": number, "mode": float(number % 4 == 1), "depth": float(number >= 8)}
    for number in range(12)
]
SOUND = np.random.default_rng(0).standard_normal((1, 100))


class Plugin:
    """It may keep the latest mode it had, heard where it is deep, or differ when it is loaded."""

    def __init__(self, remembers: Callable[[int], bool], differs: Callable[[int], bool]) -> None:
        self.remembers, self.differs = remembers, differs
        self.loads = 0
        self.load()

    def load(self) -> None:
        self.loads, self.kept = self.loads + 1, 0.0

    def play_on(self, settings: Sequence[Mapping[str, float]]) -> list[np.ndarray]:
        made = []
        for values in settings:
            chance = 0.1 * self.loads * self.differs(round(values["number"]))
            made.append((1.0 + 0.5 * self.kept * values["depth"] + chance) * SOUND)
            if values["mode"] and self.remembers(self.loads):
                self.kept = 1.0
        return made

    def play_alone(self, settings: Sequence[Mapping[str, float]]) -> list[np.ndarray]:
        made = []
        for values in settings:
            self.load()
            made += self.play_on([values])
        return made


def told(plugin: Plugin) -> bool:
    return forgets(SETTINGS, plugin.load, plugin.play_on, plugin.play_alone)


def test_what_keeps_nothing_forgets() -> None:
    assert told(Plugin(lambda _: False, lambda _: False))


def test_memory_that_few_settings_make_heard_is_memory() -> None:
    """Eight of twelve sound as loaded, forwards and backwards once the mode was met."""
    assert not told(Plugin(lambda _: True, lambda _: False))


@pytest.mark.parametrize("remembering", [0, 1, 2])
def test_memory_in_one_load_is_memory(remembering: int) -> None:
    assert not told(Plugin(lambda load: load % 3 == remembering, lambda _: False))


def test_what_differs_when_it_is_loaded_says_nothing() -> None:
    assert told(Plugin(lambda _: False, lambda setting: setting in (2, 5)))
    assert not told(Plugin(lambda _: False, lambda setting: setting < 7))
