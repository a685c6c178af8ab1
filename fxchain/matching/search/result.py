"""What the fit is given, and what it returns."""

from dataclasses import dataclass, field

import numpy as np

from fxchain.stage import Stage


@dataclass(frozen=True)
class FitResult:
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
    latency_shifts: tuple[float, ...] = ()
