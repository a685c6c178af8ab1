"""What the fit is given, and what it returns."""

import math
from dataclasses import dataclass, field

import numpy as np

from fxchain.stage import Stage

#: The kinds of effects that bend the waveform.
DRIVERS = frozenset({"distortion", "waveshaper"})


@dataclass(frozen=True)
class Form:
    """A chain's structure with the values it holds and which of them are free.

    Attributes:
        stage: the structure
        values: (size,), physical
        free: (size,), bool
    """

    stage: Stage
    values: np.ndarray
    free: np.ndarray


@dataclass(frozen=True)
class Sprout:
    """What a chain grows by.

    Attributes:
        drive: a stage that bends the waveform
        tone: filters that stand between it and the drives there are
    """

    drive: Form
    tone: Form


@dataclass(frozen=True)
class Template:
    """A chain to be fitted: its structure, and which of its values are free.

    Attributes:
        name: what the user called it
        stage: the structure
        values: (size,), physical; a fixed value, or where a free one starts
        free: (size,), bool
        held: the user holds a control, so a chain without it would not do
        started: the free values are a start the user gave (`--start`), not defaults
        waveshaper: the drive may become one with a bias, which has no pedalboard twin
        response: a measured impulse response may follow the chain
        alternatives: other chains, tried in turn where those before leave much unexplained
        sprout: what may join the chain where it explains too little; None: nothing
    """

    name: str
    stage: Stage
    values: np.ndarray
    free: np.ndarray
    held: bool = False
    started: bool = False
    waveshaper: bool = False
    response: bool = False
    alternatives: "tuple[Alternative, ...]" = ()
    sprout: Sprout | None = None


@dataclass(frozen=True)
class Alternative:
    """Another chain.

    Attributes:
        template: the chain
        worth: it is tried where the best so far leaves more than this loss …
        hopeless: … and less than this
        until: share of the budget that it may use up
    """

    template: Template
    worth: float
    hopeless: float = math.inf
    until: float = 0.5


@dataclass(frozen=True)
class Problem:
    """A fitted part of a pair, aligned.

    Attributes:
        dry: (channels, samples), float32, from the recording's first sample
        wet: (channels, samples), float32, on the dry's time
        valid_from: first sample at which the wet is known
        sample_rate: Hz
        polarity: +1 or -1, the wet's against the dry's
        gain_free: the wet's level says nothing, so the chain's output is scaled to it
        latency_known: the wet is not late by another part of a sample; otherwise the fit may find
            that it is
        torch_device: where slopes are computed
    """

    dry: np.ndarray
    wet: np.ndarray
    valid_from: int
    sample_rate: int
    polarity: int
    gain_free: bool = False
    latency_known: bool = False
    torch_device: str = "cpu"


@dataclass(frozen=True)
class Fit:
    """The best chain found.

    Attributes:
        stage: structure, stages that do nothing left out
        values: (size,), physical
        loss: ESR on what the fit compared, evened out over time, see `evening`
        history: one entry a step: phase, loss, step, seconds
        dropped: sentences naming the stages left out
        notes: sentences for the user, such as a waveshaper that was used and why
        interrupted: the user stopped it early
        free: (size,), bool, which values were searched; None when that was not recorded, and then
            every value counts as searched
        kept: one (seconds, loss) for each chain that was the best so far, by this error
        late_samples: for each problem, how much later its wet was found to be than it was given;
            empty when all were as given
    """

    stage: Stage
    values: np.ndarray
    loss: float
    history: list[dict[str, float | str]] = field(default_factory=list)
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    interrupted: bool = False
    free: np.ndarray | None = None
    kept: tuple[tuple[float, float], ...] = ()
    late_samples: tuple[float, ...] = ()
