"""A host of CLAP in Python: it loads a plug-in, turns its knobs and plays."""

import ctypes
from collections.abc import Iterable
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_bool,
    c_char,
    c_char_p,
    c_double,
    c_float,
    c_int16,
    c_int32,
    c_int64,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path

import numpy as np


def _structure(*fields):
    return type("Laid", (Structure,), {"_fields_": list(fields)})


ROW = POINTER(c_float)
VERSION = _structure(*((name, c_uint32) for name in ("major", "minor", "revision")))
ENTRY = _structure(
    ("version", VERSION),
    ("init", CFUNCTYPE(c_bool, c_char_p)),
    ("deinit", CFUNCTYPE(None)),
    ("get_factory", CFUNCTYPE(c_void_p, c_char_p)),
)
DESCRIPTOR = _structure(("version", VERSION), ("id", c_char_p), ("name", c_char_p))
FACTORY = _structure(
    ("count", CFUNCTYPE(c_uint32, c_void_p)),
    ("descriptor", CFUNCTYPE(POINTER(DESCRIPTOR), c_void_p, c_uint32)),
    ("create", CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_char_p)),
)
BUFFER = _structure(
    ("data32", POINTER(ROW)),
    ("data64", c_void_p),
    ("channels", c_uint32),
    ("latency", c_uint32),
    ("constant", c_uint64),
)
EVENT = _structure(
    ("size", c_uint32),
    ("time", c_uint32),
    ("space", c_uint16),
    ("type", c_uint16),
    ("flags", c_uint32),
    ("parameter", c_uint32),
    ("cookie", c_void_p),
    ("note", c_int32),
    ("port", c_int16),
    ("channel", c_int16),
    ("key", c_int16),
    ("value", c_double),
)
NOTE = _structure(
    *EVENT._fields_[:5],
    ("note", c_int32),
    ("port", c_int16),
    ("channel", c_int16),
    ("key", c_int16),
    ("velocity", c_double),
)
MIDI = _structure(*EVENT._fields_[:5], ("port", c_uint16), ("bytes", c_uint8 * 3))
SIZE = CFUNCTYPE(c_uint32, c_void_p)
GET = CFUNCTYPE(c_void_p, c_void_p, c_uint32)
EVENTS = _structure(("context", c_void_p), ("size", SIZE), ("get", GET))
PROCESS = _structure(
    ("time", c_int64),
    ("count", c_uint32),
    ("transport", c_void_p),
    ("inputs", POINTER(BUFFER)),
    ("outputs", POINTER(BUFFER)),
    ("inputs_count", c_uint32),
    ("outputs_count", c_uint32),
    ("events", POINTER(EVENTS)),
    ("events_out", c_void_p),
)
CALL = CFUNCTYPE(c_bool, c_void_p)
PLUGIN = _structure(
    ("descriptor", c_void_p),
    ("data", c_void_p),
    ("init", CALL),
    ("destroy", CFUNCTYPE(None, c_void_p)),
    ("activate", CFUNCTYPE(c_bool, c_void_p, c_double, c_uint32, c_uint32)),
    ("deactivate", CFUNCTYPE(None, c_void_p)),
    ("start_processing", CALL),
    ("stop_processing", CFUNCTYPE(None, c_void_p)),
    ("reset", CFUNCTYPE(None, c_void_p)),
    ("process", CFUNCTYPE(c_int32, c_void_p, POINTER(PROCESS))),
    ("get_extension", CFUNCTYPE(c_void_p, c_void_p, c_char_p)),
)
INFO = _structure(
    ("id", c_uint32),
    ("flags", c_uint32),
    ("cookie", c_void_p),
    ("name", c_char * 256),
    ("module", c_char * 1024),
    ("low", c_double),
    ("high", c_double),
    ("initial", c_double),
)
PARAMETERS = _structure(
    ("count", SIZE),
    ("get_info", CFUNCTYPE(c_bool, c_void_p, c_uint32, POINTER(INFO))),
    ("get_value", CFUNCTYPE(c_bool, c_void_p, c_uint32, POINTER(c_double))),
    ("to_text", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_double, c_char_p, c_uint32)),
    ("to_value", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_char_p, POINTER(c_double))),
    ("flush", CFUNCTYPE(None, c_void_p, POINTER(EVENTS), c_void_p)),
)
WRITE = CFUNCTYPE(c_int64, c_void_p, c_void_p, c_uint64)
STREAM = _structure(("context", c_void_p), ("move", WRITE))
STATE = _structure(
    ("save", CFUNCTYPE(c_bool, c_void_p, POINTER(STREAM))),
    ("load", CFUNCTYPE(c_bool, c_void_p, POINTER(STREAM))),
)
PORT = _structure(
    ("id", c_uint32),
    ("name", c_char * 256),
    ("flags", c_uint32),
    ("channels", c_uint32),
    ("type", c_char_p),
    ("pair", c_uint32),
)
PORTS = _structure(
    ("count", CFUNCTYPE(c_uint32, c_void_p, c_bool)),
    ("get", CFUNCTYPE(c_bool, c_void_p, c_uint32, c_bool, POINTER(PORT))),
)


class ClapHost:
    """One instance of the plug-in of a file."""

    def __init__(self, path: Path) -> None:
        entry = ENTRY.in_dll(ctypes.CDLL(str(path)), "clap_entry")
        assert entry.init(str(path).encode())
        place = entry.get_factory(b"clap.plugin-factory")
        factory = FACTORY.from_address(place)
        assert factory.count(place) == 1
        described = factory.descriptor(place, 0).contents
        self.id, self.name = described.id.decode(), described.name.decode()
        self.here = factory.create(place, None, described.id)
        self.plugin = PLUGIN.from_address(self.here)
        assert self.plugin.init(self.here)
        self.parameters = self._extension("params", PARAMETERS)
        self.state = self._extension("state", STATE)
        ports = self._extension("audio-ports", PORTS)
        self.channels = []
        for is_input in (True, False):
            port = PORT()
            assert ports.get(self.here, 0, is_input, byref(port)) == ports.count(
                self.here, is_input
            )
            self.channels.append(port.channels)

    def _extension(self, name, laid):
        return laid.from_address(self.plugin.get_extension(self.here, f"clap.{name}".encode()))

    def infos(self) -> list:
        """Return what the plug-in says of its parameters."""
        made = [INFO() for _ in range(self.parameters.count(self.here))]
        for place, info in enumerate(made):
            assert self.parameters.get_info(self.here, place, byref(info))
        return made

    def value(self, parameter: int) -> float:
        """Return the value of a parameter."""
        found = c_double()
        assert self.parameters.get_value(self.here, parameter, byref(found))
        return found.value

    def text(self, parameter: int, value: float) -> str:
        """Return how a value is shown."""
        room = ctypes.create_string_buffer(64)
        assert self.parameters.to_text(self.here, parameter, value, room, 64)
        return room.value.decode()

    def parsed(self, parameter: int, text: str) -> float:
        """Return the value of a text."""
        found = c_double()
        assert self.parameters.to_value(self.here, parameter, text.encode(), byref(found))
        return found.value

    def activate(self, rate: float) -> bool:
        """Return whether the plug-in plays at a sample rate, Hz."""
        return self.plugin.activate(self.here, rate, 1, 8192)

    def play(
        self,
        audio: np.ndarray,
        block: int = 512,
        changes: Iterable[tuple[int, int, float]] = (),
        notes: Iterable[tuple[int, int, float]] = (),
        midi: Iterable[tuple[int, bytes]] = (),
    ) -> np.ndarray:
        """Return what it makes of audio.

        Args:
            audio: (channels, samples)
            block: samples in a call
            changes: (sample, parameter, value)
            notes: (sample, key, velocity), a velocity of 0 releases the key
            midi: (sample, three bytes)
        """
        listed = [
            (at, EVENT, (56, 0, 0, 5, 0, parameter, None, -1, -1, -1, -1, value))
            for at, parameter, value in changes
        ]
        listed += [
            (at, NOTE, (40, 0, 0, int(velocity == 0.0), 0, -1, 0, 0, key, velocity))
            for at, key, velocity in notes
        ]
        listed += [(at, MIDI, (24, 0, 0, 10, 0, 0, (c_uint8 * 3)(*data))) for at, data in midi]
        heard = np.ascontiguousarray(audio, np.float32)
        made = np.zeros((self.channels[1], heard.shape[1]), np.float32)
        for begin in range(0, heard.shape[1], block):
            count = min(block, heard.shape[1] - begin)
            events = []
            for at, kind, fields in sorted(listed, key=lambda each: each[0]):
                if begin <= at < begin + count:
                    events.append(kind(*fields))
                    events[-1].time = at - begin
            self._block(heard, made, begin, count, events)
        return made

    def _block(self, heard, made, begin, count, events):
        size = SIZE(lambda _: len(events))
        get = GET(lambda _, place: ctypes.addressof(events[place]))
        listed = EVENTS(None, size, get)
        buffers = []
        for audio in (heard, made):
            starts = [audio[c].ctypes.data + 4 * begin for c in range(len(audio))]
            rows = (ROW * len(audio))(*(ctypes.cast(start, ROW) for start in starts))
            buffers.append(BUFFER(rows, None, len(audio), 0, 0))
        call = PROCESS(
            -1, count, None, ctypes.pointer(buffers[0]), ctypes.pointer(buffers[1]), 1, 1
        )
        call.events = ctypes.pointer(listed)
        assert self.plugin.process(self.here, byref(call)) == 1

    def save(self) -> bytes:
        """Return the state."""
        parts = []

        def write(_, data, size):
            parts.append(ctypes.string_at(data, size))
            return size

        assert self.state.save(self.here, byref(STREAM(None, WRITE(write))))
        return b"".join(parts)

    def load(self, data: bytes) -> bool:
        """Return whether the plug-in takes a state; it is given in small pieces."""
        left = [data]

        def read(_, room, size):
            piece, left[0] = left[0][: min(size, 11)], left[0][min(size, 11) :]
            ctypes.memmove(room, piece, len(piece))
            return len(piece)

        return self.state.load(self.here, byref(STREAM(None, WRITE(read))))

    def close(self) -> None:
        """Destroy the instance."""
        self.plugin.destroy(self.here)
