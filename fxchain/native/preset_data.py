"""A preset as the bytes that the player reads.

Whole numbers are unsigned and have four bytes, others eight, samples are 32-bit floats, all
little-endian; texts and arrays begin with their lengths.
"""

import math
from collections.abc import Sequence

import numpy as np

from fxchain.errors import ExportError
from fxchain.native.instrument import LiveInstrument, instrument_data
from fxchain.native.macros import NO_MACROS, LiveMacros, macro_data
from fxchain.native.numbers import real_data, text_data, whole_data
from fxchain.player import Asset, Routing
from fxchain.stage import Effect, Stage, stage_label

#: The first text of every preset.
HEADER = "fxchain-player-4"
#: What stands for a weight of 0, as in `fxchain.player.weights`.
_SILENCE_DB = -240.0
_EFFECT, _SERIES, _SUM, _CHANNELS = range(4)


def preset_data(
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None,
    sample_rate: int,
    macros: LiveMacros = NO_MACROS,
    instrument: LiveInstrument | None = None,
) -> bytes:
    """Return a preset as data of the player.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, at which the delays of the routing are counted
        macros: knobs that move values of the chain
        instrument: whose notes go into the chain

    Raises:
        ExportError: a stage has no real-time code.
    """
    played = stage.visit(_Writer(), values)
    moved = macro_data(macros, stage.slots(), values)
    head = text_data(HEADER) + _routing(routed, sample_rate)
    return head + played + instrument_data(instrument) + moved


class _Writer:
    """Writes the stages, each with all that is below it."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> bytes:
        """Return an effect: its kind, its place, its values, its assets."""
        primitive = effect.primitive
        if primitive.realtime is None:
            raise ExportError(
                f"{stage_label(path, primitive.kind)} cannot be played live: "
                f"{primitive.not_realtime}; take it out of the chain, or export a Python script"
            )
        numbers = b"".join(real_data(value) for value in values)
        used = effect.assets
        assets = b"".join(text_data(name) + _asset(each) for name, each in used.items())
        head = whole_data(_EFFECT) + text_data(primitive.kind) + text_data(path)
        return head + numbers + whole_data(len(used)) + assets

    def chain(self, stages: Sequence[bytes], path: str) -> bytes:
        """Return stages in series."""
        return whole_data(_SERIES) + whole_data(len(stages)) + b"".join(stages)

    def mix(self, branches: Sequence[tuple[float, bytes]], path: str) -> bytes:
        """Return a sum; a weight is a level in dB and a sign."""
        parts = [_weight(weight) + branch for weight, branch in branches]
        return whole_data(_SUM) + whole_data(len(parts)) + b"".join(parts)

    def channels(self, branches: Sequence[bytes], path: str) -> bytes:
        """Return stages of which each plays a channel."""
        return whole_data(_CHANNELS) + whole_data(len(branches)) + b"".join(branches)


def _weight(value: float) -> bytes:
    level_db = 20.0 * math.log10(abs(value)) if value else _SILENCE_DB
    return real_data(max(level_db, _SILENCE_DB)) + whole_data(int(value < 0.0))


def _routing(routed: Routing | None, sample_rate: int) -> bytes:
    if routed is None:
        return whole_data(0)
    matrices = [_matrix(matrix) for matrix in (routed.inputs, routed.outputs)]
    delays = b"".join(whole_data(delay) for delay in routed.delays_samples)
    constants = b"".join(real_data(each) for each in routed.constants)
    counted = [
        whole_data(len(routed.delays_samples)) + delays,
        whole_data(len(routed.constants)) + constants,
    ]
    return b"".join([whole_data(1), real_data(sample_rate), *matrices, *counted])


def _matrix(rows: Sequence[Sequence[float]]) -> bytes:
    numbers = b"".join(real_data(each) for row in rows for each in row)
    return whole_data(len(rows)) + whole_data(len(rows[0])) + numbers


def _asset(used: Asset) -> bytes:
    channels, samples = used.samples.shape
    head = real_data(used.sample_rate) + whole_data(channels) + whole_data(samples)
    return head + np.ascontiguousarray(used.samples, dtype="<f4").tobytes()
