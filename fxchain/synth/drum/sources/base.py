"""The contract of a source of a drum."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fxchain.parameter import ParameterSpec

#: (numpy or torch, a `Hit`, one value for each parameter by its name) -> (samples,)
Sound = Callable[..., Any]


@dataclass(frozen=True)
class DrumSource:
    """What sounds once for each hit.

    Attributes:
        kind: its name in patches
        title: what people call it
        sound: its samples at a weight of 1
        parameters: its controls besides the weight
        noisy: it is noise, of which each draw is another
        realtime: the same in C++: members of a `DrumPart` that `start` a hit and `play` so many
            samples of it from the values of its controls
    """

    kind: str
    title: str
    sound: Sound
    parameters: tuple[ParameterSpec, ...]
    noisy: bool = False
    realtime: str = ""
