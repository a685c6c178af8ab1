"""A chain as drives in series, each a sum of branches: filter, curve, filter.

    y = Σ over branches of convolve(behind, curve(convolve(before, x)))

A filter is the sum of one branch without a curve. In series with a drive it is convolved with the
filters of its branches, so that no filter stands alone beside a drive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fxchain.errors import ExportError
from fxchain.export.taps import impulse_response, trimmed
from fxchain.primitives.static_curve import StaticCurve
from fxchain.stage import Effect, stage_label


@dataclass(frozen=True, eq=False)
class Branch:
    """A filter, a curve and a filter.

    Attributes:
        before: (taps,)
        curve: None: what comes in goes out
        behind: (taps,)
    """

    before: np.ndarray = field(default_factory=lambda: np.ones(1))
    curve: StaticCurve | None = None
    behind: np.ndarray = field(default_factory=lambda: np.ones(1))

    @property
    def response(self) -> np.ndarray:
        """Return both filters as one."""
        return _convolved(self.before, self.behind)


Drive = tuple[Branch, ...]
Drives = tuple[Drive, ...]


class DriveReader:
    """A visitor of stages that returns drives in series, at least one.

    Args:
        sample_rate: Hz, that filters are computed for
        longest_seconds: of a filter's response
        form: what messages call what is written
    """

    def __init__(self, sample_rate: float, longest_seconds: float, form: str) -> None:
        self._sample_rate, self._longest_seconds = sample_rate, longest_seconds
        self._form = form

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Drives:
        """Return an effect that is a filter or a curve, and refuse any other."""
        primitive = effect.primitive
        if primitive.static_curve is not None:
            curve = primitive.static_curve(**effect.arguments(values))
            return ((Branch(curve=curve),),)
        label = stage_label(path, primitive.kind)
        try:
            taps = impulse_response(effect, values, self._sample_rate, self._longest_seconds)
        except ValueError as error:
            raise ExportError(f"{label} cannot be written as {self._form}: {error}") from error
        if taps is None:
            raise ExportError(
                f"{label} cannot be written as {self._form}, which has filters, tanh and clipping "
                "alone; take it out of the chain, or export another format"
            )
        return ((Branch(before=taps),),)

    def chain(self, stages: Sequence[Drives], path: str) -> Drives:
        """Return stages in series."""
        found: Drives = ((Branch(),),)
        for stage in stages:
            for drive in stage:
                found = _followed(found, drive)
        return found

    def mix(self, branches: Sequence[tuple[float, Drives]], path: str) -> Drives:
        """Return a weighted sum."""
        summed: list[Branch] = []
        linear = np.zeros(1)
        for number, (weight, drives) in enumerate(branches):
            if len(drives) > 1:
                place = stage_label(f"{path}.mix[{number}]" if path else f"mix[{number}]", "branch")
                raise ExportError(
                    f"{place} cannot be written as {self._form}: it has {len(drives)} drives in "
                    "series; export another format"
                )
            for branch in drives[0]:
                if branch.curve is None:
                    linear = _sum(linear, weight * branch.response)
                else:
                    summed.append(replace(branch, behind=weight * branch.behind))
        if np.any(linear) or not summed:
            summed.append(Branch(before=linear))
        return (tuple(summed),)

    def channels(self, branches: Sequence[Drives], path: str) -> Drives:
        """Refuse a chain for each channel."""
        raise ExportError(
            f"{stage_label(path, 'channels')} cannot be written as {self._form}, which plays one "
            "channel; export another format"
        )


def filtered(drives: Drives, before: float, behind: np.ndarray) -> Drives:
    """Return drives with a factor before them and taps behind them."""
    amplified = _followed(((Branch(before=np.array([before])),),), drives[0])
    return _followed((*amplified, *drives[1:]), (Branch(before=behind),))


def _followed(drives: Drives, then: Drive) -> Drives:
    """Return drives followed by another one; a filter goes into those beside it."""
    *earlier, last = drives
    if _is_filter(then):
        taps = then[0].response
        return (*earlier, _each(last, lambda each: _behind(each, taps)))
    if _is_filter(last):  # then it is the first
        taps = last[0].response
        return (_each(then, lambda each: replace(each, before=_convolved(taps, each.before))),)
    return (*drives, then)


def _behind(branch: Branch, taps: np.ndarray) -> Branch:
    if branch.curve is None:
        return Branch(before=_convolved(branch.response, taps))
    return replace(branch, behind=_convolved(branch.behind, taps))


def _each(drive: Drive, change: Callable[[Branch], Branch]) -> Drive:
    return tuple(change(branch) for branch in drive)


def _is_filter(drive: Drive) -> bool:
    return len(drive) == 1 and drive[0].curve is None


def _convolved(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    from scipy.signal import convolve

    return trimmed(np.asarray(convolve(one, other)))


def _sum(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    found = np.zeros(max(len(one), len(other)))
    found[: len(one)] += one
    found[: len(other)] += other
    return found
