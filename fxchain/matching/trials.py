"""What is tried with the best chain so far: another latency, a waveshaper, a measured response."""

from dataclasses import replace
from functools import partial

import numpy as np

from fxchain.matching.early import Place, descend
from fxchain.matching.late import late_objective, lateness
from fxchain.matching.measured import describe, measure_again, neutral, propose_response
from fxchain.matching.problem import Form
from fxchain.matching.rebuild import with_exchanged
from fxchain.matching.standing import Standing
from fxchain.optim.lanes import side_by_side
from fxchain.primitives import get_primitive

#: No longer response is begun when this share of the budget is used up.
LAST_RESPONSE = 0.97
#: A waveshaper must lower the loss to this share to replace a distortion.
WORTH_A_WAVESHAPER = 0.8
#: A waveshaper is only tried where the distortion leaves this much.
WORTH_A_TRIAL = 3e-3
#: Another latency must lower the loss to this share, and is only tried where the chain leaves
#: this much; nearer than so many samples to a whole number it is that number.
WORTH_A_LATENCY, LATE_LOSS, WHOLE_SAMPLE = 0.8, 1e-5, 0.005
#: A measured response is only tried where the chain leaves this much.
WORTH_A_RESPONSE = 1e-2
#: Most second-order steps of a trial, and of one with a measured response.
TRIAL, MEASURED = 5, 8


class Trials(Standing):
    """A fit that can try something else; each trial goes on with what is better."""

    def _try_latency(self, until: float) -> None:
        """Look whether the wets are late by another part of a sample, and go on with that.

        The chain alone and the chain with the latency go the same number of steps on from the
        same place.
        """
        cube, known = self._return_to_best(), [problem.latency_known for problem in self.problems]
        if all(known) or not self._leaves(LATE_LOSS) or self.budget.share(until).over:
            return
        plain = self._objective(self.listening.brief)
        late = late_objective(self.form, self.listening.brief, plain.sample_rate, known)
        middle = np.append(cube, np.full(known.count(False), 0.5))
        searches = [
            partial(descend, Place(self.form, at), objective, TRIAL, "latency")
            for objective, at in ((plain, cube), (late, middle))
        ]
        ends = side_by_side(searches, self.budget, until)
        if len(ends) < len(searches):
            return
        losses = [
            float(objective.losses(end.cube[None])[0])
            for objective, end in zip((plain, late), ends, strict=True)
        ]
        self._keep(ends[0].cube)
        if losses[1] < WORTH_A_LATENCY * losses[0]:
            found = iter(ends[1].cube[len(cube) :])
            self.late += [0.0 if sure else lateness(float(next(found))) for sure in known]
            self._shift(ends[1].cube[: len(cube)])

    def _shift(self, cube: np.ndarray) -> None:
        """Go on from a cube with the wets as late as they were found to be."""
        near = np.round(self.late)
        self.hear_late(np.where(np.abs(self.late - near) < WHOLE_SAMPLE, near, self.late))
        self.best = self._judged(cube)
        self.kept.append((self.budget.elapsed, self.best.loss))

    def _try_waveshaper(self, until: float) -> None:
        """Exchange distortions for biased waveshapers, and go on with them if they pay.

        Both go the same number of steps on from the same place.
        """
        cube = self._return_to_best()
        kinds = {slot.kind for slot in self.form.stage.slots()}
        if "distortion" not in kinds or not self._leaves(WORTH_A_TRIAL):
            return
        straight = self.form
        plain = self._objective(self.listening.brief)
        rebuilt = with_exchanged(straight.stage, {"distortion": get_primitive("waveshaper")})
        values = rebuilt.take(plain.values(cube))
        bent = Form(rebuilt.stage, values, rebuilt.take_free(straight.free))
        other = self.listening.objective(bent, self.listening.brief)
        searches = [
            partial(descend, Place(form, at), objective, TRIAL, "trial")
            for form, at, objective in (
                (straight, cube, plain),
                (bent, other.cube(values), other),
            )
        ]
        ends = side_by_side(searches, self.budget, until)
        if len(ends) < len(searches):
            return
        losses = [
            float(objective.losses(end.cube[None])[0])
            for objective, end in zip((plain, other), ends, strict=True)
        ]
        self._keep(ends[0].cube)
        self.form = bent
        if losses[1] >= WORTH_A_WAVESHAPER * losses[0] or not self._keep(ends[1].cube):
            self.form = straight
            return
        self.notes = (
            *self.notes,
            f"a biased waveshaper lowered the error to {losses[1] / losses[0]:.0%} of the "
            "distortion's; pedalboard alone cannot play it",
        )

    def _try_response(self, until: float) -> None:
        """Put a measured response behind the chain if that at least halves the error.

        It is solved behind the best chain so far, and behind one that does nothing, for devices
        that are mostly a filter; the better goes on, and is kept if it is better at its end.
        """
        if self.best is None or not self._leaves(WORTH_A_RESPONSE):
            return
        template, rate = self.template, self.problem.sample_rate
        best = replace(self.best.form, values=self.best.values)
        untouched = neutral(Form(template.stage, np.array(template.values), template.free))
        begun, part = self.budget.elapsed, self.budget.share(LAST_RESPONSE)
        proposal = propose_response(best, untouched, self.whole, rate, lambda: part.over)
        self.response_seconds = self.budget.elapsed - begun
        if proposal is None:
            return
        straight = self.form
        self.form, response = proposal
        self._keep(self._objective(self.long).cube(self.form.values))
        self.budget.report("response", self.best.loss)
        objective = self._objective(self.short)
        cube = objective.cube(self.form.values)
        self._keep(self._descend(cube, objective, MEASURED, "response", until))
        if self.best.form.stage is not self.form.stage:
            self.form = straight
            return
        self.response = response
        self.notes = (*self.notes, describe(response))

    def _measure_again(self) -> None:
        """Solve the response at the end anew for what the chain has become."""
        if self.response is None or self.best is None or self.budget.over:
            return
        if self.budget.seconds_left < self.response_seconds / 2.0:
            return
        best = replace(self.best.form, values=self.best.values)
        again = measure_again(best, self.response, self.whole, self.problem.sample_rate)
        if again is not None:
            self.form = again
            self._keep(self._objective(self.long).cube(again.values))
