"""A host of LV2 in Python: it reads the bundle's Turtle, connects the ports and plays."""

import ctypes
import re
import struct
from collections.abc import Sequence
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_float, c_uint32, c_void_p
from pathlib import Path

import numpy as np


class Described(Structure):
    """What `lv2_descriptor` returns."""

    _fields_ = (
        ("uri", c_char_p),
        ("instantiate", CFUNCTYPE(c_void_p, c_void_p, c_double, c_char_p, c_void_p)),
        ("connect_port", CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)),
        ("activate", CFUNCTYPE(None, c_void_p)),
        ("run", CFUNCTYPE(None, c_void_p, c_uint32)),
        ("deactivate", CFUNCTYPE(None, c_void_p)),
        ("cleanup", CFUNCTYPE(None, c_void_p)),
        ("extension_data", CFUNCTYPE(c_void_p, c_char_p)),
    )


NUMBER = CFUNCTYPE(c_uint32, c_void_p, c_char_p)
MIDI = b"http://lv2plug.in/ns/ext/midi#MidiEvent"
SEQUENCE = b"http://lv2plug.in/ns/ext/atom#Sequence"


def binary_of(bundle: Path) -> Path:
    """Return the shared library of a bundle."""
    files = (path for path in bundle.iterdir() if path.stem == "plugin")
    return next(path for path in files if path.suffix != ".ttl")


def ports_of(bundle: Path) -> list[dict[str, str]]:
    """Return what `plugin.ttl` says of each port, in the order of their places."""
    text = (bundle / "plugin.ttl").read_text(encoding="utf-8")
    blocks = re.findall(r"\n  \[\n(.*?)\n  \]", text, re.DOTALL)
    ports = []
    for block in blocks:
        lines = (line.strip().removesuffix(" ;") for line in block.splitlines())
        ports.append(dict(line.split(" ", 1) for line in lines))
    return sorted(ports, key=lambda port: int(port["lv2:index"]))


class Lv2Host:
    """One instance of the plug-in of a bundle.

    Attributes:
        uri: of the plug-in
        here: the instance, or None where it refuses the rate
        ports: what the bundle says of them
        controls: the value of each control port by its symbol
    """

    def __init__(self, bundle: Path, rate: float) -> None:
        find = ctypes.CDLL(str(binary_of(bundle))).lv2_descriptor
        find.restype = POINTER(Described)
        assert not find(1)
        self.described = find(0).contents
        self.uri = self.described.uri.decode()
        self.ports = ports_of(bundle)
        self.numbers: list[bytes] = []
        self.number_of = NUMBER(self._number)
        self.map = (c_void_p * 2)(None, ctypes.cast(self.number_of, c_void_p))
        name = ctypes.create_string_buffer(b"http://lv2plug.in/ns/ext/urid#map")
        feature = (c_void_p * 2)(ctypes.addressof(name), ctypes.addressof(self.map))
        features = (c_void_p * 2)(ctypes.addressof(feature), None)
        self.here = self.described.instantiate(
            ctypes.byref(self.described), rate, str(bundle).encode(), ctypes.addressof(features)
        )
        self.controls: dict[str, c_float] = {}
        if not self.here:
            return
        for place, port in enumerate(self.ports):
            if "ControlPort" in port["a"]:
                value = c_float(float(port["lv2:default"]))
                self.controls[port["lv2:symbol"].strip('"')] = value
                self.described.connect_port(self.here, place, ctypes.addressof(value))

    def _number(self, _: int | None, uri: bytes) -> int:
        """Return the number of a name, from 1 on."""
        if uri not in self.numbers:
            self.numbers.append(uri)
        return self.numbers.index(uri) + 1

    def play_notes(
        self, samples: int, messages: Sequence[tuple[int, bytes]], block: int = 512
    ) -> np.ndarray:
        """Return what an instrument makes of messages of MIDI (sample, three bytes)."""
        self.described.activate(self.here)
        parts = []
        for begin in range(0, samples, block):
            count = min(block, samples - begin)
            body = b"".join(
                struct.pack("<qII8s", at - begin, 3, self._number(None, MIDI), data)
                for at, data in messages
                if begin <= at < begin + count
            )
            head = struct.pack("<IIII", 8 + len(body), self._number(None, SEQUENCE), 0, 0)
            notes = ctypes.create_string_buffer(head + body)
            self.described.connect_port(self.here, len(self.ports) - 1, ctypes.addressof(notes))
            parts.append(self.go_on(np.zeros((0, count), np.float32), block))
        return np.concatenate(parts, axis=1)

    def play(self, audio: np.ndarray, block: int = 512) -> np.ndarray:
        """Return what it makes of (channels, samples), from silence on."""
        self.described.activate(self.here)
        return self.go_on(audio, block)

    def go_on(self, audio: np.ndarray, block: int = 512) -> np.ndarray:
        """Return what it makes of what follows."""
        heard = np.ascontiguousarray(audio, np.float32)
        outputs = [port for port in self.ports if port["a"].endswith("lv2:OutputPort")]
        made = np.zeros((len(outputs), heard.shape[1]), np.float32)
        for begin in range(0, heard.shape[1], block):
            for place, row in enumerate([*heard, *made]):
                self.described.connect_port(self.here, place, row.ctypes.data + 4 * begin)
            self.described.run(self.here, min(block, heard.shape[1] - begin))
        return made

    def close(self) -> None:
        """Free the instance."""
        self.described.cleanup(self.here)
