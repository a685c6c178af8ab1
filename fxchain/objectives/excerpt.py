"""The part of a recording that a fit compares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.player import Playback
from fxchain.recordings.problem import Problem

#: What lies before an excerpt is played too, so that envelopes and echoes have begun, but at most
#: so far back, s.
WARM_UP_SECONDS = 2.0
#: A part from the very start is taken when it has the first share of the energy of the loudest, and
#: for excerpts of up to so many seconds when it has the second.
START_SHARES, BRIEF_SECONDS = (0.5, 0.25), 2.0
#: Lengths are meant for one channel at this rate, Hz.
REFERENCE_RATE = 44_100
#: Exponent of the loudness weighting, 0 (none) to 1 (all passages alike).
LOUDNESS_WEIGHTING = 0.5
#: Of several recordings each is compared for so long at least, s.
LEAST_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Excerpt(AlignedAudio):
    """A part of a pair; `first_valid` samples are played before the comparison begins.

    Attributes:
        gain_free: the chain's output is scaled to the wet before they are compared
        torch_device: where Jacobians are computed
        loudness_weighting: exponent of the loudness weighting, at least
        first_sample: position of the first sample in the recording
        recording: see `Problem`
        rounded: filters are rounded as pedalboard rounds them; see `Playback`
    """

    gain_free: bool = False
    torch_device: str = "cpu"
    loudness_weighting: float = 0.0
    first_sample: int = 0
    recording: int = 0
    rounded: bool = True

    def playback(self, sample_rate: float) -> Playback:
        """Return what the player of a chain is told of it."""
        return Playback(
            sample_rate, self.first_sample, recording=self.recording, rounded=self.rounded
        )


def choose_excerpts(
    problems: Sequence[Problem],
    seconds: float,
    warm_up: float = 1.0,
    loudness_weighting: float = LOUDNESS_WEIGHTING,
) -> tuple[Excerpt, ...]:
    """Return one part of each problem, together about `seconds`, but each at least a second."""
    each = max(seconds / len(problems), LEAST_SECONDS)
    return tuple(choose_excerpt(problem, each, warm_up, loudness_weighting) for problem in problems)


def as_played(excerpts: Sequence[Excerpt]) -> tuple[Excerpt, ...]:
    """Return the excerpts, to be compared with what pedalboard plays, bit for bit."""
    return tuple(replace(excerpt, rounded=True) for excerpt in excerpts)


def exactly(excerpts: Sequence[Excerpt]) -> tuple[Excerpt, ...]:
    """Return the excerpts, to be compared with what chains play without rounding of filters: the
    error is smooth in the knobs."""
    return tuple(replace(excerpt, rounded=False) for excerpt in excerpts)


def choose_excerpt(
    problem: Problem,
    seconds: float,
    warm_up: float = 1.0,
    loudness_weighting: float = LOUDNESS_WEIGHTING,
) -> Excerpt:
    """Return the part of about `seconds` with the most energy in the wet.

    Two channels or a high sample rate shorten it, down to half, so that a step costs about the
    same. A part from the very start is preferred, since no echo or envelope reaches into it and
    nothing has to be played before it.

    Args:
        problem: dry and wet
        seconds: how much is compared
        warm_up: length of what is played before, as a share of that
        loudness_weighting: exponent of the loudness weighting
    """
    total = problem.wet.shape[-1]
    work = problem.wet.shape[0] * problem.sample_rate / REFERENCE_RATE
    seconds = max(seconds / max(work, 1.0), seconds / 2.0)
    length = min(round(seconds * problem.sample_rate), total - problem.first_valid)
    loudest = np.square(problem.wet, dtype=np.float64).max(axis=0)
    power = np.concatenate([[0.0], np.cumsum(loudest)])
    hop = max(problem.sample_rate // 4, 1)
    share = START_SHARES[seconds <= BRIEF_SECONDS]
    starts = np.arange(problem.first_valid, total - length + 1, hop)
    energies = power[starts + length] - power[starts]
    best = int(np.argmax(energies))
    start = int(starts[0] if energies[0] >= share * energies[best] else starts[best])
    most = round(WARM_UP_SECONDS * problem.sample_rate)
    first = max(0, start - min(round(warm_up * length), most))
    span = slice(first, start + length)
    dry, wet = problem.dry[:, span], problem.wet[:, span]
    return Excerpt(
        dry,
        wet,
        start - first,
        problem.gain_free,
        problem.torch_device,
        loudness_weighting,
        first_sample=first,
        recording=problem.recording,
        gaps=tuple((begin - first, end - first) for begin, end in problem.gaps),
    )
