"""Which channels of a pair are compared, and how the channels of the recordings become them.

A device has one input or two. What is compared should be what it heard and what it made of that:
two equal channels once, exchanged channels put back, a late or inverted channel in line with the
other. What was done is a `Routing`, so that the preset plays the recording as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fxchain.alignment.align import Alignment, align
from fxchain.alignment.channel_delay import delay_by_one_filter
from fxchain.alignment.channels import (
    input_ratio,
    level_spread_db,
    overlapped,
    relation,
    unfiltered_share,
)
from fxchain.alignment.clock_drift import without_drift
from fxchain.alignment.drift_removed import drift_removed
from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, to_channels
from fxchain.player import Routing
from fxchain.player.channel_routing import Matrix, identity
from fxchain.recordings.channel_wording import difference_in_words

SIDES = ("left", "right")
#: A channel was heard alone where its power in the wet is so many times that of the other.
ALONE = 10.0
#: Confidences from which on a channel of the wet has a latency and a polarity of its own.
LEAST_LATENCY_CONFIDENCE, LEAST_POLARITY_CONFIDENCE = 0.7, 0.3
#: Levels that differ by less than this share are equal.
EQUAL_LEVELS = 1e-4
#: Each channel has filters of its own where a short filter leaves at most this share of what a
#: level leaves of one channel in the other: most of how they differ is one.
MOST_UNFILTERED = 0.5
#: … or where the level of one against the other changes by more than this over time, dB. The most
#: of drawn stereo rooms is 1.7; the least of a DI beside a strong compressor, a fuzz, an echo or a
#: room is 2.6.
MOST_SPREAD_DB = 2.2
#: Channels are not further apart than this, s.
MOST_APART_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class ChannelPlan:
    """A pair with equally many channels, and how its recordings become it.

    Attributes:
        dry: what goes into the chain
        wet: what is compared with its output
        routing: from the channels of the dry recording to those of the wet
        said: sentences for the user
        separate_devices: each of the two channels was made by a device of its own
    """

    dry: Audio
    wet: Audio
    routing: Routing
    said: tuple[str, ...] = ()
    separate_devices: bool = False


def plan_channels(dry: Audio, wet: Audio) -> ChannelPlan:
    """Choose what is compared of two recordings of one sample rate.

    Args:
        dry: one or two channels, none silent
        wet: the same

    Raises:
        MatchError: the dry is silent when its channels are mixed to mono.
    """
    inputs: Matrix
    wet, outputs, delays, said = _distinct_outputs(wet)
    if wet.channels == 1:
        dry, inputs, heard = _one_input(dry, wet)
        return ChannelPlan(dry, wet, Routing(inputs, outputs, delays), (*said, *heard))
    if dry.channels == 1:
        inputs = ((1.0,), (1.0,))
        heard = [f"{_name(dry)}: mono, used for both channels of the stereo wet recording"]
        dry = to_channels(dry, 2)
        apart, sign = _apart(align(wet.samples[:1], wet.samples[1:], wet.sample_rate))
    else:
        found = _aligned(dry, wet)
        heard_dry, inputs, heard = _two_inputs(dry, wet, found)
        if heard_dry is not dry:
            dry, found = heard_dry, _aligned(heard_dry, wet)
        apart, sign = _between(dry, wet, found)
    wet, outputs, delays, moved = _in_line(wet, apart, sign)
    separate = inputs[0] == inputs[1] and _are_separate(wet)
    if separate:
        moved.append(
            f"{_name(wet)}: its left and right channels went through different devices; each is "
            "matched by itself, and the preset has a chain for each; of one alone use "
            "--wet-channel 0 or --wet-channel 1"
        )
    return ChannelPlan(dry, wet, Routing(inputs, outputs, delays), (*heard, *moved), separate)


def _are_separate(wet: Audio) -> bool:
    """Tell whether both channels of a wet in line were made of one sound by different devices."""
    left, right = wet.samples
    if unfiltered_share(left, right, 0, wet.sample_rate) <= MOST_UNFILTERED:
        return True
    return level_spread_db(left, right, wet.sample_rate) > MOST_SPREAD_DB


def _distinct_outputs(wet: Audio) -> tuple[Audio, Matrix, tuple[int, ...], list[str]]:
    """Return a wet whose second channel is a copy as one channel, and what made both of it."""
    if wet.channels == 1:
        return wet, identity(1), (0,), []
    found = relation(wet.samples[0], wet.samples[1], wet.sample_rate)
    if not found.is_copy:
        return wet, identity(2), (0, 0), []
    first = 0 if found.lag >= 0 else 1
    factor = found.factor if first == 0 else 1.0 / found.factor
    if abs(abs(factor) - 1.0) < EQUAL_LEVELS:
        factor = float(np.sign(factor))
    outputs = [(1.0,), (1.0,)]
    outputs[1 - first] = (factor,)
    delays = (0, found.lag) if first == 0 else (-found.lag, 0)
    one = replace(wet, samples=wet.samples[first : first + 1])
    return one, tuple(outputs), delays, [_copy_sentence(wet, found.lag, found.factor)]


def _one_input(dry: Audio, wet: Audio) -> tuple[Audio, Matrix, list[str]]:
    """Return what a device with one input heard of a dry recording."""
    if dry.channels == 1:
        return dry, identity(1), []
    ratio = input_ratio(dry.samples, wet.samples[0], dry.sample_rate)
    if ratio is None or 1.0 / ALONE <= ratio <= ALONE:
        said = f"{_name(dry)}: stereo, mixed to mono because the wet recording is mono"
        return mixed(dry), ((0.5, 0.5),), [said]
    heard = 0 if ratio > ALONE else 1
    said = (
        f"{_name(dry)}: the device heard its {SIDES[heard]} side alone, which is used; where that "
        f"is not so, choose with --dry-channel {1 - heard}"
    )
    row = tuple(float(channel == heard) for channel in range(2))
    return replace(dry, samples=dry.samples[heard : heard + 1]), (row,), [said]


def _aligned(dry: Audio, wet: Audio) -> list[Alignment]:
    """Return the alignment of each channel of a wet with that of the dry."""
    pairs = zip(dry.samples, wet.samples, strict=True)
    return [align(one[None], two[None], dry.sample_rate) for one, two in pairs]


def _two_inputs(dry: Audio, wet: Audio, found: list[Alignment]) -> tuple[Audio, Matrix, list[str]]:
    """Return which channel of a stereo dry each channel of a stereo wet was made of."""
    if _are_exchanged(dry, wet, found):
        heard = [1, 0]
    else:
        certain = [each.confidence >= LEAST_LATENCY_CONFIDENCE for each in found]
        lags = [round(each.latency_samples) if all(certain) else None for each in found]
        ratios = [
            input_ratio(dry.samples, channel, dry.sample_rate, lag)
            for channel, lag in zip(wet.samples, lags, strict=True)
        ]
        heard = _heard(ratios)
    if heard == [0, 1]:
        return dry, identity(2), []
    if heard == [1, 0]:
        said = "the left and right channels of the wet are exchanged; they are compared crosswise"
    else:
        said = f"both channels of the wet were made of the dry's {SIDES[heard[0]]} side alone"
    chosen = replace(dry, samples=np.ascontiguousarray(dry.samples[heard]))
    rows = tuple(identity(2)[channel] for channel in heard)
    return chosen, rows, [f"{_name(wet)}: {said}"]


def _are_exchanged(dry: Audio, wet: Audio, found: list[Alignment]) -> bool:
    """Tell whether latencies stand out crosswise, and do not as the channels lie.

    Other than powers, the correlations that show it survive an echo and a clock that drifts.
    """
    if all(each.confidence >= LEAST_LATENCY_CONFIDENCE for each in found):
        return False
    crossed = _aligned(replace(dry, samples=dry.samples[::-1]), wet)
    return _odds(crossed) >= ALONE * _odds(found)


def _odds(found: list[Alignment]) -> float:
    """Return the product of the odds that latencies are right."""
    confidences = np.clip([each.confidence for each in found], 1e-6, 1.0 - 1e-6)
    return float(np.prod(confidences / (1.0 - confidences)))


def _heard(ratios: Sequence[float | None]) -> list[int]:
    """Return which channel of the dry each of the wet was made of, the usual one in doubt.

    That both are exchanged is one statement, for which what both say counts together: a channel
    that leaks into the other, or is like it, does not hide it.
    """
    first, second = ratios
    if first is None or second is None:
        return [at if ratio is None else _alone(ratio, at) for at, ratio in enumerate(ratios)]
    if first < 1.0 < second and second / first >= ALONE**2:
        return [1, 0]
    return [_alone(first, 0), _alone(second, 1)]


def _alone(ratio: float, usual: int) -> int:
    """Return the channel that was heard, the usual one where it is not another one alone."""
    return 1 - usual if (ratio < 1.0 / ALONE if usual == 0 else ratio > ALONE) else usual


def _between(dry: Audio, wet: Audio, found: list[Alignment]) -> tuple[int, int]:
    """Return lag and polarity of the right channel of a wet against its left one.

    Each is aligned with its own of the dry. Where a clock drifts, the lags are those of different
    moments, or uncertain, unless the drift is taken out of both before. Where they differ, one
    filter for both tells by how much.
    """
    apart = _difference_of_lags(found)
    sign = _certain_polarity(found[0]) * _certain_polarity(found[1])
    if apart != 0:
        drifts = [
            drift_removed(a[None], b[None], wet.sample_rate, lag=round(each.latency_samples))[1]
            for a, b, each in zip(dry.samples, wet.samples, found, strict=True)
        ]
        if any(drifts):
            ppm = float(np.mean([each for each in drifts if each]))
            wet = replace(wet, samples=without_drift(wet.samples, ppm))
            found = _aligned(dry, wet)
            apart = _difference_of_lags(found)
    if apart and abs(apart) <= MOST_APART_SECONDS * wet.sample_rate:
        lag = round(found[0].latency_samples)
        apart = delay_by_one_filter(dry.samples, wet.samples, wet.sample_rate, lag, apart, sign)
    return apart or 0, sign


def _difference_of_lags(found: list[Alignment]) -> int | None:
    """Return by how many samples the second channel is later, None where a lag is not certain."""
    if any(each.confidence < LEAST_LATENCY_CONFIDENCE for each in found):
        return None
    first, second = (round(each.latency_samples) for each in found)
    return second - first


def _apart(found: Alignment) -> tuple[int, int]:
    """Return lag and polarity of an alignment, each only where its confidence is high."""
    lag = round(found.latency_samples) if found.confidence >= LEAST_LATENCY_CONFIDENCE else 0
    return lag, _certain_polarity(found)


def _certain_polarity(found: Alignment) -> int:
    return found.polarity if found.polarity_confidence >= LEAST_POLARITY_CONFIDENCE else 1


def _in_line(wet: Audio, apart: int, sign: int) -> tuple[Audio, Matrix, tuple[int, ...], list[str]]:
    """Return a wet whose right channel is brought to the time and polarity of the left one."""
    if abs(apart) > MOST_APART_SECONDS * wet.sample_rate:
        apart = 0
    if not apart and sign > 0:
        return wet, identity(2), (0, 0), []
    left, right = overlapped(wet.samples[0], wet.samples[1], apart)
    samples = np.stack([left, np.float32(sign) * right])
    outputs = ((1.0, 0.0), (0.0, float(sign)))
    delays = (max(-apart, 0), max(apart, 0))
    how = difference_in_words(apart, sign, 1.0, wet.sample_rate)
    said = f"{_name(wet)}: its right channel is {how}; the preset does the same"
    return replace(wet, samples=samples), outputs, delays, [said]


def _copy_sentence(wet: Audio, lag: int, factor: float) -> str:
    """Say that the right channel holds nothing but the left one."""
    what = difference_in_words(lag, 1 if factor > 0 else -1, abs(factor), wet.sample_rate)
    copy = f"the left one{', ' + what if what else ''}"
    return f"{_name(wet)}: its right channel is {copy}; one is compared, both are played"


def mixed(audio: Audio) -> Audio:
    """Return a recording mixed to mono.

    Raises:
        MatchError: two channels cancel each other.
    """
    found = to_channels(audio, 1)
    if not np.any(found.samples):
        raise MatchError(f"{audio.name}: silent when its two channels are mixed to mono")
    return found


def _name(audio: Audio) -> str:
    """Return a recording's name without its folder: reports do not depend on where files lie."""
    return Path(audio.name).name
