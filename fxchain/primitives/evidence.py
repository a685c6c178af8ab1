"""What a pair of recordings says about effects, before anything is fitted.

Each primitive states in its `evidence` what speaks for or against it. All those statements are
scores on one scale, about the logarithm of the odds: 0 says nothing; at `EXCLUDED` or below, the
pair shows that the effect is not there or cannot be heard. Only strict statements go that far: "a
linear filter explains the wet", "no echo above −60 dB".
"""

import math
from dataclasses import dataclass

#: At this score or below, an effect is excluded.
EXCLUDED = -2.0
#: No score is larger, nor its negative.
LARGEST = 6.0
#: An error-to-signal ratio below this has a score below 0. An effect that can be heard changes the
#: output by 1e-4 at least, of which a filter that is fitted may explain the larger part; what
#: single precision leaves of a chain of filters is about 2e-8.
SMALL_ERROR = 3e-6
#: The same for the level of an echo and for the energy of a decay, dB; a decay is dense, so that
#: less is found of it in noise.
SMALL_ECHO_DB, SMALL_DECAY_DB = -45.0, -60.0

#: The same for the share of the wet's energy that a periodic change of the filter explains: of a
#: drive while notes decay it is about 1e-3.
SMALL_MOVEMENT = 1e-2

#: A dense tail of more than this, dB, speaks for a room rather than for what a distortion leaves,
#: and so does a decay by 60 dB in this range, s.
DENSE_DB, ROOM_SECONDS = -30.0, (0.3, 5.0)

#: Quiet passages that lose more than this, dB, speak for a gate.
QUIETER_DB = 10.0
#: What has to speak for a limiter, and what each dB counts by which the gain falls for a dB of
#: level.
SELDOM, STEEP = 5.0, 5.0
#: Levels that are further apart than this, against the peak, were rounded.
ROUNDED = 2.0**-11


@dataclass(frozen=True)
class Evidence:
    """Figures of a pair of recordings.

    Attributes:
        gain_db: of the wet against the dry, in the least-squares sense, dB
        gain_error: ESR of that gain alone
        inverted: that gain is negative
        linear_error: ESR of a linear, time-invariant filter and of an echo, where there is one, on
            blocks to which it was not fitted; a long decay is not explained by it
        odd_share: share of the error of the linear filter that odd functions of the signal explain
            as well, 0 to 1, on blocks to which they were not fitted
        even_share: the same share of even functions, of the error that the odd ones leave
        level_deviation_db: standard deviation of the gain over time, dB
        level_slope: change of the gain in dB for each dB of level; below 0 of a compressor
        level_memory: share of the deviation of the gain, beyond what the level at the same time
            explains, that past levels explain, 0 to 1
        attack_ms: of the envelope that explains most, in the sense of `compressor`
        release_ms: the same
        echo_db: level of the strongest echo, 4 ms or more behind the direct sound, against that, dB
        echo_floor_db: what would be found without any echo, dB
        echo_seconds: where the strongest echo is, s
        tail_db: energy of the response 20 to 320 ms behind the direct sound, dB
        tail_floor_db: largest energy that could be hidden there, dB
        dense_tail_db: the same energy as far as it is spread evenly, not in single echoes, dB
        decay_seconds: in which that energy falls by 60 dB; 0 where it cannot be seen to fall
        movement_share: share of the wet's energy that a periodic change of the filter explains,
            beyond chance, 0 to 1
        movement_hz: its frequency, Hz
        quiet_gain_db: gain of the quiet passages that lose most, against that of the loud ones,
            dB; None: not measured
        level_step: how far the levels of the wet are apart at least, against its peak; 0 where they
            are not, or those of the dry are as well; None: not measured
        harmonic_error: power of harmonics of a sine, at most, against its own, at all levels of the
            dry; None: not measured
        level_error: what changes of the gain of a sine, at all levels of the dry, as an ESR; None:
            not measured
    """

    gain_db: float
    gain_error: float
    inverted: bool
    linear_error: float
    odd_share: float = 0.0
    even_share: float = 0.0
    level_deviation_db: float = 0.0
    level_slope: float = 0.0
    level_memory: float = 0.0
    attack_ms: float = 0.0
    release_ms: float = 0.0
    echo_db: float = -math.inf
    echo_floor_db: float = -math.inf
    echo_seconds: float = 0.0
    tail_db: float = -math.inf
    tail_floor_db: float = -math.inf
    dense_tail_db: float = -math.inf
    decay_seconds: float = 0.0
    movement_share: float = 0.0
    movement_hz: float = 0.0
    quiet_gain_db: float | None = None
    level_step: float | None = None
    harmonic_error: float | None = None
    level_error: float | None = None

    @property
    def echo_bound_db(self) -> float:
        """Return the level that no echo exceeds, dB."""
        return max(self.echo_db, self.echo_floor_db)

    @property
    def tail_bound_db(self) -> float:
        """Return the energy that no decay exceeds, dB."""
        return max(self.tail_db, self.tail_floor_db)


def beyond_gain(found: Evidence) -> float:
    """Return what speaks for anything but a gain."""
    return min(_of_error(found.gain_error), 0.0)


def beyond_linear(found: Evidence) -> float:
    """Return what speaks for anything that is not a linear, time-invariant filter."""
    return min(_of_error(min(found.linear_error, found.gain_error)), 0.0)


def movement(found: Evidence) -> float:
    """Return what speaks for an effect that moves by itself: a filter that changes periodically.

    It explains at most what a steady filter leaves: echoes differ from note to note in short blocks
    too. What odd functions or past levels explain as well is not counted: the gain of a drive or of
    a compressor follows the notes, which come periodically.
    """
    otherwise = (1.0 - found.odd_share) * (1.0 - found.level_memory)
    share = max(min(found.movement_share, found.linear_error) * otherwise, 1e-30)
    return _bounded(beyond_linear(found) + 3.0 * math.log10(share / SMALL_MOVEMENT))


def level(found: Evidence) -> float:
    """Return what speaks for a change of level: nothing where the wet is the dry."""
    return -LARGEST if found.gain_error < SMALL_ERROR / 10 and abs(found.gain_db) < 1e-3 else 0.0


def drive(found: Evidence) -> float:
    """Return what speaks for saturation: odd harmonics without time constants."""
    score = beyond_linear(found) + 3.0 * found.odd_share * (1.0 - found.level_memory)
    return min(_bounded(score), _of_measured(found.harmonic_error))


def biased_drive(found: Evidence) -> float:
    """Return what speaks for asymmetric saturation: even harmonics too."""
    score = _bounded(drive(found) + 3.0 * found.even_share - 1.0)
    return min(score, _of_measured(found.harmonic_error))


def dynamics(found: Evidence) -> float:
    """Return what speaks for a gain that follows the level: it does so with time constants."""
    score = _bounded(beyond_linear(found) + 3.0 * found.level_memory)
    return min(score, _of_measured(found.level_error))


def gate(found: Evidence) -> float:
    """Return what speaks for a gain that falls with the level: quiet passages lose."""
    if found.quiet_gain_db is None:
        return beyond_linear(found)
    return _bounded(beyond_linear(found) - (found.quiet_gain_db + QUIETER_DB) / 3.0)


def limiting(found: Evidence) -> float:
    """Return what speaks for a limiter: time constants, and a gain that falls as the level rises.

    It is seldom, so that a pair where no level dependence was seen excludes it.
    """
    if found.quiet_gain_db is None:
        return min(beyond_linear(found), _of_measured(found.level_error))
    return _bounded(dynamics(found) - SELDOM - STEEP * found.level_slope)


def quantization(found: Evidence) -> float:
    """Return what speaks for few levels: they are far apart in the wet, and not in the dry."""
    if found.level_step is None:
        return beyond_linear(found)
    steps = max(found.level_step, 1e-9) / ROUNDED
    return _bounded(beyond_linear(found) + math.log2(steps))


def echo(found: Evidence) -> float:
    """Return what speaks for an echo after 4 ms or later; what comes earlier is like a filter."""
    return _bounded(
        min(_of_level(found.echo_bound_db - SMALL_ECHO_DB), found.echo_db - found.echo_floor_db)
    )


def decay(found: Evidence) -> float:
    """Return what speaks for a decay of many echoes: they are dense, and fall as in a room."""
    bound = _of_level(found.tail_bound_db - SMALL_DECAY_DB)
    if bound <= EXCLUDED:
        return bound
    falls = ROOM_SECONDS[0] < found.decay_seconds < ROOM_SECONDS[1]
    likely = _of_level(found.dense_tail_db - DENSE_DB) + (1.5 if falls else -1.0)
    return min(max(likely, 0.5 * EXCLUDED), LARGEST)


def _of_error(error: float) -> float:
    return _bounded(2.0 * math.log10(max(error, 1e-30) / SMALL_ERROR))


def _of_measured(error: float | None) -> float:
    """Return the most that can speak for an effect which a measurement with sines bounds."""
    return LARGEST if error is None else _of_error(error)


def _of_level(decibels: float) -> float:
    return _bounded(decibels / 5.0)


def _bounded(score: float) -> float:
    return min(max(score, -LARGEST), LARGEST)
