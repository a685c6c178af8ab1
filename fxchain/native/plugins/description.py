"""A preset as the data of a plug-in: what is played, and how it is shown."""

import hashlib
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from fxchain.errors import ExportError
from fxchain.native.instrument import LiveInstrument, instrument_knobs
from fxchain.native.knobs import LiveKnob, live_knobs
from fxchain.native.macros import NO_MACROS, LiveMacros
from fxchain.native.numbers import text_data, whole_data
from fxchain.native.plugins.names import Shown, shown_names
from fxchain.native.preset_data import preset_data
from fxchain.player import Routed, Routing
from fxchain.stage import Stage

#: The first text of the data.
HEADER = "fxchain-plugin-1"
#: The last bytes of the data.
MARK = b"fxchain."
#: Into a plug-in go one or two channels.
CHANNELS = (1, 2)


@dataclass(frozen=True)
class Description:
    """A plug-in apart from any format.

    Attributes:
        name: of the plug-in
        id: 32 hexadecimal digits, the same for the same preset and channels
        channels: that go in; 0: it plays notes
        outputs: channels that come out
        knobs: in the order of the player
        shown: how they are named
        data: for the binary
    """

    name: str
    id: str
    channels: int
    outputs: int
    knobs: tuple[LiveKnob, ...]
    shown: tuple[Shown, ...]
    data: bytes


def described(
    name: str,
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None,
    sample_rate: int,
    channels: int | None = None,
    macros: LiveMacros = NO_MACROS,
    instrument: LiveInstrument | None = None,
) -> Description:
    """Return a preset as a plug-in.

    Args:
        name: of the plug-in
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, at which the delays of the routing are counted
        channels: that go in; as the preset was found, or 2, where that is not said; None for an
            instrument
        macros: knobs that move values of the chain
        instrument: whose notes go into the chain

    Raises:
        ExportError: a stage has no real-time code, or the channels are neither one nor two.
    """
    channels = _input_count(channels, routed, instrument)
    preset = preset_data(stage, values, routed, sample_rate, macros, instrument)
    identity = hashlib.sha256(repr((HEADER, channels)).encode() + preset).hexdigest()[:32]
    knobs = live_knobs(stage, values, macros, instrument_knobs(instrument))
    shown = shown_names(knobs)
    parts = [
        text_data(HEADER),
        text_data(name),
        text_data(identity),
        whole_data(channels),
        whole_data(len(knobs)),
    ]
    for knob, names in zip(knobs, shown, strict=True):
        parts += [text_data(names.name), text_data(names.group), text_data(knob.spec.unit)]
        parts += [whole_data(len(knob.spec.choices)), *map(text_data, knob.spec.choices)]
    data = b"".join([*parts, preset])
    foot = struct.pack("<QQ", len(data), zlib.crc32(data)) + MARK
    outputs = _output_count(routed, channels)
    return Description(name, identity, channels, outputs, tuple(knobs), tuple(shown), data + foot)


def _input_count(
    asked: int | None, routed: Routing | None, instrument: LiveInstrument | None
) -> int:
    """Return how many channels go in."""
    if instrument is not None:
        if asked is not None:
            raise ExportError(f"--channels {asked}: nothing goes into an instrument; leave it away")
        return 0
    found = len(routed.inputs[0]) if routed else CHANNELS[-1]
    channels = found if asked is None else asked
    if channels not in CHANNELS:
        raise ExportError(f"--channels {channels}: a plug-in has one or two channels")
    return channels


def _output_count(routed: Routing | None, channels: int) -> int:
    """Return how many channels come out for so many that go in; of an instrument two or more."""
    if channels == 0:
        return max(_output_count(routed, 1), CHANNELS[-1])
    if routed is None:
        return channels
    inputs, outputs = ([list(row) for row in matrix] for matrix in (routed.inputs, routed.outputs))
    return Routed(None, inputs, outputs, []).output_channels(channels)
