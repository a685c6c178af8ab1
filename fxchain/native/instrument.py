"""What plays the notes that go into a chain, as data of the player."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from fxchain.native.knobs import LiveKnob
from fxchain.native.numbers import whole_data

#: C4, as keys of a MIDI keyboard are counted.
MIDDLE_KEY = 60


class LiveInstrument(ABC):
    """What plays notes."""

    @property
    def first_key(self) -> int:
        """Return the lowest key that is worth being shown first."""
        return MIDDLE_KEY

    @abstractmethod
    def data(self) -> bytes:
        """Return it as the player reads it behind the stages."""

    @abstractmethod
    def knobs(self) -> list[LiveKnob]:
        """Return its knobs in the order of the player."""


def instrument_data(instrument: LiveInstrument | None) -> bytes:
    """Return what plays notes as the player reads it; None: nothing does."""
    return whole_data(0) if instrument is None else instrument.data()


def instrument_knobs(instrument: LiveInstrument | None) -> Sequence[LiveKnob]:
    """Return its knobs in the order of the player; None: none."""
    return () if instrument is None else instrument.knobs()
