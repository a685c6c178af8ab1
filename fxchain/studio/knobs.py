"""The knobs of a result, to be turned and heard."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from fxchain.files.audio_input import open_audio, read_audio, to_channels
from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.report.chain_view import knob_label
from fxchain.stage import stage_label
from fxchain.studio.jobs import Job, Task

#: So much is played when a knob was turned, s.
HEARD_SECONDS = 12.0
#: Of a slider from a knob's lowest value to its highest; equal steps are equal ratios of Hz, ms …
STEPS = 1000


@dataclass(frozen=True)
class Knob:
    """One control of a preset.

    Attributes:
        index: its place among the preset's values
        stage: where it stands, as in `chain[2] (gain)`
        spec: its range and unit
        value: physical
    """

    index: int
    stage: str
    spec: ParameterSpec
    value: float

    @property
    def turn(self) -> int:
        """Return where its slider stands, 0 to STEPS."""
        return round(STEPS * self.spec.normalize(self.value))

    @property
    def label(self) -> str:
        """Return its name, value and unit."""
        unit = f" {self.spec.unit}" if self.spec.unit else ""
        return f"{knob_label(self.spec.name)}: {self.value:.4g}{unit}"

    def turned(self, turn: float) -> "Knob":
        """Return the knob with its slider elsewhere."""
        spec = self.spec
        value = float(spec.denormalize(torch.tensor(turn / STEPS, dtype=torch.float64)))
        return replace(self, value=min(max(value, spec.low), spec.high))


def knobs_of(preset: Preset) -> list[Knob]:
    """Return every knob of a preset in signal order."""
    slots = zip(preset.stage.slots(), preset.values, strict=True)
    return [
        Knob(index, stage_label(slot.path, slot.kind), slot.spec, float(value))
        for index, (slot, value) in enumerate(slots)
    ]


def with_knobs(preset: Preset, turned: Mapping[int, float]) -> Preset:
    """Return a preset with some of its values replaced.

    What its metadata say of the found values (how certain, part of what) no longer holds then.
    """
    if not turned:
        return preset
    values = np.array(preset.values)
    for index, value in turned.items():
        values[int(index)] = value
    return replace(preset, values=values, metadata={})


def hear(job: Job, preset: Preset) -> tuple[int, np.ndarray, float]:
    """Play the beginning of a job's dry recording through a preset.

    Returns:
        sample rate in Hz, (samples, channels) int16, and by how much it was turned down so that it
        is not clipped, dB
    """
    dry = read_audio(job.recording("dry"))
    if job.request.task == Task.MATCH:  # an input keeps the channels that it has
        with open_audio(job.recording("wet")) as wet:
            dry = to_channels(dry, wet.channels)
    heard = dry.samples[:, : round(HEARD_SECONDS * dry.sample_rate)]
    made = render(preset, heard, dry.sample_rate)
    peak = float(np.max(np.abs(made)))
    down_db = max(0.0, 20.0 * float(np.log10(max(peak, 1e-9))))
    scaled = made * 10 ** (-down_db / 20.0)
    return dry.sample_rate, (scaled.T * 32767.0).astype(np.int16), down_db
