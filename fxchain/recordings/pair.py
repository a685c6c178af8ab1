"""Two recordings become a pair: one sample rate, equal channels, a held-out part."""

from dataclasses import dataclass, replace
from pathlib import Path

from fxchain.alignment.flutter import Flutter
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.player import Routing
from fxchain.recordings.channel_plan import mixed, plan_channels
from fxchain.recordings.constant_removed import without_constant
from fxchain.recordings.held_out_split import SHARE, Split, split
from fxchain.recordings.load_recording import clipped_share, file_notes
from fxchain.recordings.one_sided_stereo import only_sounding_channel, sounding_channels
from fxchain.wording import counted

#: Where at least this share of a wet is cut off at full scale, the chain clips there.
CUT_OFF_SHARE = 0.001


@dataclass(frozen=True, eq=False)
class Pair:
    """Two recordings of one sample rate and equally many channels, not yet aligned.

    Attributes:
        dry: all of the dry recording
        wet: all of the wet recording
        split: what is fitted and what is held out, in samples of the dry
        warnings: sentences about what was done to them
        offset: how many samples of the wet's file lie before its first one here; negative where
            zeros were put before it
        begin: first sample of the dry that is compared
        gaps: first sample and end of each stretch in which the wet is not known, samples of it
        routing: from the channels of the dry file to those of the wet; None: as they are
        cut_off: the wet is cut off at full scale in so much of it that this is part of its sound
        separate_devices: each of its two channels was made by a device of its own
        flutter: the wandering lag that was taken out of the wet
    """

    dry: Audio
    wet: Audio
    split: Split
    warnings: tuple[str, ...]
    offset: int = 0
    begin: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    routing: Routing | None = None
    cut_off: bool = False
    separate_devices: bool = False
    flutter: Flutter | None = None


def comparable(
    dry: Audio,
    wet: Audio,
    sample_rate: int | None = None,
    mono: bool = False,
    routed: bool = False,
) -> Pair:
    """Bring two recordings to one sample rate and equally many channels.

    A mono dry is copied to both channels for a stereo wet; a stereo dry is mixed to mono for a
    mono wet, since a mono device has one input. Constants that a converter added are taken out.

    Args:
        dry: one or two channels
        wet: one or two channels
        sample_rate: Hz, of both afterwards, when several pairs are matched; None: that of the dry
        mono: mix a stereo wet to mono, because another one is mono
        routed: choose what is compared by `fxchain.recordings.channel_plan`: equal channels once,
            exchanged ones put back; a preset of the pair needs its routing, `mono` is not read

    Raises:
        MatchError: a recording is silent when it is mixed to mono.
    """
    as_read = wet
    dry, wet, said, constants = without_constant(dry, wet, routed)
    cut_off, clipped = _cut_off(as_read, wet)
    warnings = [*file_notes(dry), *file_notes(wet), *clipped]
    before, heard = (dry, wet), said
    dry, wet, said = sounding_channels(dry, wet)
    warnings += [*heard, *said]
    if sample_rate is not None and dry.sample_rate != sample_rate:
        warnings.append(
            f"{_file_name(dry)}: resampled from {dry.sample_rate} to {sample_rate} Hz, the sample "
            "rate of the first dry recording"
        )
        dry = resample(dry, sample_rate)
    if wet.sample_rate != dry.sample_rate:
        warnings.append(
            f"{_file_name(wet)}: resampled from {wet.sample_rate} to {dry.sample_rate} Hz, the "
            "sample rate of the dry recording"
        )
        wet = resample(wet, dry.sample_rate)
    routing, separate = None, False
    if routed:
        plan = plan_channels(dry, wet)
        dry, wet, said, separate = plan.dry, plan.wet, list(plan.said), plan.separate_devices
        routing = replace(_of_files(plan.routing, *before), constants=constants)
    else:
        dry, wet, said = _equal_channels(dry, wet, mono)
    warnings += [*said, *_length_warnings(dry, wet)]
    parts = split(dry.samples, wet.samples, dry.sample_rate)
    return Pair(
        dry,
        wet,
        parts,
        (*warnings, *split_warnings(parts, dry.sample_rate)),
        routing=routing,
        cut_off=cut_off,
        separate_devices=separate,
    )


def _of_files(routing: Routing, dry: Audio, wet: Audio) -> Routing:
    """Return a routing from all channels of the dry file, the silent ones included."""
    if dry.channels == 1 or len(routing.inputs[0]) > 1:
        return routing
    sounding = only_sounding_channel(dry)
    used = only_sounding_channel(wet) if sounding is None else sounding
    return routing if used is None else routing.of_channel(used)


def _equal_channels(dry: Audio, wet: Audio, mono: bool) -> tuple[Audio, Audio, list[str]]:
    """Return both with the channels of the wet, or as mono, and what was done to them."""
    said = []
    if mono and wet.channels > 1:
        said.append(
            f"{_file_name(wet)}: stereo, mixed to mono because another wet recording is mono"
        )
        wet = mixed(wet)
    if dry.channels < wet.channels:
        said.append(f"{_file_name(dry)}: mono, used for both channels of the stereo wet recording")
        dry = to_channels(dry, wet.channels)
    elif dry.channels > wet.channels:
        said.append(f"{_file_name(dry)}: stereo, mixed to mono because the wet recording is mono")
        dry = mixed(dry)
    return dry, wet, said


def _file_name(audio: Audio) -> str:
    """Return a recording's name without its folder: reports do not depend on where files lie."""
    return Path(audio.name).name


def _cut_off(as_read: Audio, wet: Audio) -> tuple[bool, list[str]]:
    """Tell whether a wet is cut off in so much of it that the chain does so, and say it.

    A converter cuts off what has its constant; an effect in front of it, what has none.
    """
    places, share = max(map(clipped_share, (as_read, wet)), key=lambda found: found[1])
    if not places:
        return False, []
    what = f"cut off at full scale in {counted(places, 'place')} ({share:.2%} of its samples)"
    if share >= CUT_OFF_SHARE:
        return True, [f"{_file_name(wet)}: {what}; the chain ends with a clipping at full scale"]
    return False, [f"{_file_name(wet)}: {what}; what was there cannot be matched"]


def _length_warnings(dry: Audio, wet: Audio) -> list[str]:
    """Say when the recordings are not equally long."""
    longer, shorter = (dry, wet) if dry.length > wet.length else (wet, dry)
    seconds = longer.seconds - shorter.seconds
    if seconds < 0.01:
        return []
    return [
        f"{_file_name(longer)}: {seconds:.2f} s longer than the other; the common part is compared"
    ]


def split_warnings(parts: Split, sample_rate: int) -> list[str]:
    """Say when there is no held-out part, or where it was moved to."""
    if parts.held_out is None:
        return [
            "nothing is held out (shorter than 4 s, or too little sound at its end): the figures "
            "are those of the part that was fitted"
        ]
    if not parts.moved:
        return []
    start, end = (at / sample_rate for at in parts.held_out)
    return [
        f"the last {SHARE:.0%} are nearly silent: {start:.2f} to {end:.2f} s are held out, only "
        "what lies before is fitted"
    ]
