"""Whether a training is going to leave little enough when its time ends."""

import numpy as np

from fxchain.optim.budget import Budget


class TrainingForecast:
    """Tells when a training is to end: with its time, or as soon as it is foretold to be in vain.

    What it leaves falls in fits and starts. So it is foretold to fall as one over the time that it
    has had, or with the exponent at which it fell in the latter half of that where it fell faster.

    Args:
        budget: of the search
        until: share of the budget at which the training ends at the latest
        worth: what it must leave by then at most
    """

    def __init__(self, budget: Budget, until: float, worth: float) -> None:
        self._budget, self._part = budget, budget.portion(until)
        self._begun, self._until, self._worth = budget.used, until, worth
        self._seen: list[tuple[float, float]] = []

    def over(self, left: float) -> bool:
        """Tell whether it is to end, from what the best so far leaves; inf: not known yet."""
        if np.isfinite(left):
            least = min(left, self._seen[-1][1]) if self._seen else left
            self._seen.append((self._budget.used - self._begun, least))
        return self._part.over or self._foretold() > self._worth

    def _foretold(self) -> float:
        """Return what is foretold to be left; 0 before half of the time was seen."""
        if not self._seen:
            return 0.0
        now, least = self._seen[-1]
        earlier = [each for each in self._seen if 0.0 < each[0] <= now / 2.0]
        if not earlier or least <= 0.0:
            return 0.0
        time, more = earlier[-1]
        exponent = max(np.log(more / least) / np.log(now / time), 1.0)
        return float(least * (now / max(self._until - self._begun, now)) ** exponent)
