"""What can be wrong with two recordings, each defect one function; of `hostile_recordings.py`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pedalboard as pb
import scipy.fft
import soxr

RATE = 44_100
#: Above this frequency, Hz, what a recorder at another rate leaves is a matter of its filter.
MOST_HZ = 18_000.0

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Recordings:
    """A pair with defects, and what a right match of it plays.

    Attributes:
        dry: as handed to the match, (channels, samples)
        wet: as handed to the match
        source: what the found preset is played with, (channels, samples)
        target: what should come out, as long as that; without what a recorder did to it
        other: another instrument, for a second channel, (1, samples)
        device: plays (channels, samples) through the hidden chain
        late_samples: latency of the wet
        wet_rate_hz: what the header of the wet says
    """

    dry: np.ndarray
    wet: np.ndarray
    source: np.ndarray
    target: np.ndarray
    other: np.ndarray
    device: Callable[[np.ndarray], np.ndarray]
    late_samples: int
    wet_rate_hz: int = RATE

    def of_device(self, dry: np.ndarray, wet: np.ndarray) -> "Recordings":
        """Return recordings of another device or wiring, which the preset should play."""
        return replace(self, dry=dry, wet=wet, source=dry, target=wet)

    def played_late(self) -> "Recordings":
        """Return recordings whose wet has the latency."""
        return replace(self, wet=delayed(self.wet, self.late_samples))

    def taken(self, dry: np.ndarray | None = None, wet: np.ndarray | None = None) -> "Recordings":
        """Return the same performance as a worse recorder took it."""
        return replace(
            self,
            dry=self.dry if dry is None else dry.astype(np.float32),
            wet=self.wet if wet is None else wet.astype(np.float32),
        )


@dataclass(frozen=True)
class Defect:
    """Something that is wrong with recordings.

    Attributes:
        name: in the table
        subject: one of `SUBJECTS`; two defects of one subject exclude each other
        draw: returns the recordings with it
        words: what a warning that names it matches
    """

    name: str
    subject: str
    draw: Callable[[Recordings, Rng], Recordings]
    words: str


# The device and its wiring: part of what is matched.


def wet_echo(pair: Recordings, rng: Rng) -> Recordings:
    """Let an echo follow whose direct sound is nearly or wholly missing."""
    echo = pb.Delay(rng.uniform(0.06, 0.4), rng.uniform(0.0, 0.4), rng.choice([0.8, 0.9, 1.0]))
    return pair.of_device(pair.dry, echo(pair.wet, RATE))


def full_scale_clipping(pair: Recordings, rng: Rng) -> Recordings:
    """Cut the wet off at full scale, its peak 3 to 15 dB above it."""
    peak = 10.0 ** (rng.uniform(3.0, 15.0) / 20.0)
    return pair.of_device(pair.dry, np.clip(pair.wet * _over_peak(pair.wet, peak), -1.0, 1.0))


def both_scaled(pair: Recordings, rng: Rng) -> Recordings:
    """Let floats hold integers, or the like: both are louder by one factor."""
    factor = np.float32(rng.choice([128.0, 32_767.0, 8_388_607.0]))
    return pair.of_device(pair.dry * factor, pair.wet * factor)


def quiet_dry(pair: Recordings, rng: Rng) -> Recordings:
    """Lower the dry by 30 to 70 dB."""
    return pair.of_device(pair.dry * gain(rng.uniform(-70.0, -30.0)), pair.wet)


def quiet_wet(pair: Recordings, rng: Rng) -> Recordings:
    """Lower the wet by 30 to 70 dB."""
    return pair.of_device(pair.dry, pair.wet * gain(rng.uniform(-70.0, -30.0)))


def equal_channels(pair: Recordings, rng: Rng) -> Recordings:
    """Record the wet as stereo: one channel twice, at equal or other levels."""
    right = pair.wet * (1.0 if rng.uniform() < 0.5 else gain(rng.uniform(-6.0, 3.0)))
    return pair.of_device(pair.dry, np.concatenate([pair.wet, right]))


def late_right(pair: Recordings, rng: Rng) -> Recordings:
    """Record the wet as stereo, the right channel late."""
    late = int(rng.integers(1, 400))
    return pair.of_device(pair.dry, np.concatenate([pair.wet, _late(pair.wet, late)]))


def inverted_right(pair: Recordings, rng: Rng) -> Recordings:
    """Record the wet as stereo, the right channel inverted."""
    return pair.of_device(pair.dry, np.concatenate([pair.wet, -pair.wet]))


def exchanged_channels(pair: Recordings, rng: Rng) -> Recordings:
    """Exchange the channels of the wet of two instruments."""
    dry = np.concatenate([pair.dry, pair.other])
    return pair.of_device(dry, pair.device(dry)[::-1].copy())


def one_side_played(pair: Recordings, rng: Rng) -> Recordings:
    """Hand over a stereo dry of which the device heard one side."""
    two = [pair.dry, pair.other][:: int(rng.choice([-1, 1]))]
    return pair.of_device(np.concatenate(two), pair.wet)


# The recorder: no part of what is matched.


def jump(pair: Recordings, rng: Rng) -> Recordings:
    """Lose or repeat 1 to 20 ms of the wet at one or two places."""
    wet = pair.wet
    for share in np.sort(rng.uniform(0.15, 0.75, int(rng.integers(1, 3))))[::-1]:
        at, count = round(share * wet.shape[1]), int(rng.integers(44, 882))
        again = at + count if rng.uniform() < 0.6 else at - count
        wet = np.concatenate([wet[:, :at], wet[:, again:]], axis=1)
    return pair.taken(wet=wet)


def gaps(pair: Recordings, rng: Rng) -> Recordings:
    """Set one to four stretches of 5 to 30 ms of the wet to zero."""
    wet = pair.wet.copy()
    for share in rng.uniform(0.05, 0.95, int(rng.integers(1, 5))):
        at = round(share * wet.shape[1])
        wet[:, at : at + int(rng.uniform(0.005, 0.03) * RATE)] = 0.0
    return pair.taken(wet=wet)


def constant_in_wet(pair: Recordings, rng: Rng) -> Recordings:
    """Add a constant to the wet, 2 to 50 % of its peak."""
    return pair.taken(wet=pair.wet + _constant(pair.wet, rng))


def constant_in_dry(pair: Recordings, rng: Rng) -> Recordings:
    """Add a constant to the dry, 2 to 50 % of its peak, which the preset takes out."""
    constant = _constant(pair.dry, rng)
    made = pair.taken(dry=pair.dry + constant)
    source = made.dry if pair.source is pair.dry else pair.source + constant
    return replace(made, source=source)


def wrong_rate(pair: Recordings, rng: Rng) -> Recordings:
    """Let the header of the wet state another common rate than that of the converter."""
    made, said = (int(rate) for rate in rng.permutation([44_100, 48_000]))
    said *= 2 if rng.uniform() < 0.3 else 1
    wet = pair.wet if made == RATE else soxr.resample(pair.wet.T, RATE, made, "VHQ").T
    return replace(pair.taken(wet=wet), wet_rate_hz=said)


def drift(pair: Recordings, rng: Rng) -> Recordings:
    """Let the clock of the wet's recorder differ by 100 to 500 parts per million."""
    ratio = 1.0 + rng.choice([-1, 1]) * rng.uniform(1e-4, 5e-4)
    return pair.taken(wet=soxr.resample(pair.wet.T, 1.0, ratio, "VHQ").T)


def silence_before(pair: Recordings, rng: Rng) -> Recordings:
    """Start the recorder of the wet 1 to 9 s before the player."""
    return pair.taken(wet=_after_silence(pair.wet, rng.uniform(1.0, 9.0), rng))


def both_wait(pair: Recordings, rng: Rng) -> Recordings:
    """Put 3 to 12 s of quiet before the take in both recordings."""
    seconds = rng.uniform(3.0, 12.0)
    dry, wet = (_after_silence(each, seconds, rng) for each in (pair.dry, pair.wet))
    return pair.taken(dry, wet)


#: In the order in which they are applied: what the device does, which plays anew where it hears
#: other channels, and what the recorder does: it is started, samples at its own rate, adds a
#: constant, loses buffers.
DEVICE_SUBJECTS = ("channels", "echo", "level")
SUBJECTS = (*DEVICE_SUBJECTS, "wait", "clock", "constant", "place")
DEFECTS = (
    Defect("wet echo", "echo", wet_echo, r"uncertain|no latency stands out"),
    Defect("both scaled", "level", both_scaled, r"far from full scale"),
    Defect("quiet dry", "level", quiet_dry, r"far from full scale"),
    Defect("quiet wet", "level", quiet_wet, r"far from full scale"),
    Defect("full-scale clipping", "level", full_scale_clipping, r"cut off at full scale"),
    Defect("equal channels", "channels", equal_channels, r"right channel is the left one"),
    Defect("late right", "channels", late_right, r"right channel is .*late"),
    Defect("inverted right", "channels", inverted_right, r"right channel is .*inverted"),
    Defect("exchanged", "channels", exchanged_channels, r"exchanged"),
    Defect("one side played", "channels", one_side_played, r"side alone|mixed to mono"),
    Defect("jump", "place", jump, r"jumps"),
    Defect("gaps", "place", gaps, r"dropout"),
    Defect("DC in wet", "constant", constant_in_wet, r"wet\S*: a constant of"),
    Defect("DC in dry", "constant", constant_in_dry, r"dry\S*: a constant of"),
    Defect("wrong rate", "clock", wrong_rate, r"header says|clock was"),
    Defect("drift", "clock", drift, r"clock (is|was)"),
    Defect("silence before", "wait", silence_before, r"left out|before the|longer than"),
    Defect("both wait", "wait", both_wait, r"left out|silen"),
)
#: A pair is doubted as a whole, whatever is wrong with it.
DOUBTS = r"uncertain|no latency stands out|unrelated|swapped|is not explained"


def named(defects: Sequence[Defect], warnings: Sequence[str]) -> bool:
    """Tell whether warnings name every defect, or doubt the pair as a whole."""
    text = "\n".join(warnings)
    everything = all(re.search(defect.words, text) for defect in defects)
    return everything or re.search(DOUBTS, text) is not None


def gain(db: float) -> np.float32:
    """Return the factor of a level in dB."""
    return np.float32(10.0 ** (db / 20.0))


def _over_peak(audio: np.ndarray, peak: float) -> np.float32:
    return np.float32(peak / np.abs(audio).max())


def _late(audio: np.ndarray, samples: int) -> np.ndarray:
    return delayed(audio, samples)[:, : audio.shape[1]]


def delayed(audio: np.ndarray, samples: int) -> np.ndarray:
    """Return (channels, samples) after zeros."""
    return np.pad(audio, ((0, 0), (samples, 0)))


def _constant(audio: np.ndarray, rng: Rng) -> np.float32:
    share = rng.choice([-1, 1]) * 10.0 ** rng.uniform(np.log10(0.02), np.log10(0.5))
    return np.float32(share * np.abs(audio).max())


def _after_silence(audio: np.ndarray, seconds: float, rng: Rng) -> np.ndarray:
    """Return audio after noise of 80 to 100 dB below its peak."""
    level = 10.0 ** (rng.uniform(-100.0, -80.0) / 20.0) * np.abs(audio).max()
    noise = level * rng.normal(size=(len(audio), round(seconds * RATE)))
    return np.concatenate([noise.astype(np.float32), audio], axis=1)


def below_filters(audio: np.ndarray) -> np.ndarray:
    """Return (channels, samples) without what lies above the band of all recorders."""
    spectrum = scipy.fft.rfft(audio.astype(np.float64))
    spectrum[:, scipy.fft.rfftfreq(audio.shape[1], 1.0 / RATE) > MOST_HZ] = 0.0
    return np.asarray(scipy.fft.irfft(spectrum, audio.shape[1]))
