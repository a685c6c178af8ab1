"""The knobs of a result: sliders, changed presets, and their sound."""

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

#: Length of the audio that is played after a change, s.
PREVIEW_SECONDS = 12.0
#: Number of steps of a slider over a knob's range; on a logarithmic scale steps are equal ratios.
STEPS = 1000


@dataclass(frozen=True)
class Knob:
    """One control of a preset.

    Attributes:
        index: its place among the preset's values
        stage: its label, as in `chain[2] (gain)`
        spec: its range and unit
        value: physical
    """

    index: int
    stage: str
    spec: ParameterSpec
    value: float

    @property
    def place(self) -> int:
        """Return the position of its slider, 0 to STEPS."""
        return round(STEPS * self.spec.normalize(self.value))

    @property
    def label(self) -> str:
        """Return its name, value and unit."""
        unit = f" {self.spec.unit}" if self.spec.unit else ""
        return f"{knob_label(self.spec.name)}: {self.value:.4g}{unit}"

    def at(self, place: float) -> "Knob":
        """Return the knob with its slider at another position, 0 to STEPS."""
        spec = self.spec
        value = float(spec.denormalize(torch.tensor(place / STEPS, dtype=torch.float64)))
        return replace(self, value=min(max(value, spec.low), spec.high))


def knobs_of(preset: Preset) -> list[Knob]:
    """Return every knob of a preset in signal order."""
    slots = zip(preset.stage.slots(), preset.values, strict=True)
    return [
        Knob(index, stage_label(slot.path, slot.kind), slot.spec, float(value))
        for index, (slot, value) in enumerate(slots)
    ]


def with_knobs(preset: Preset, changed: Mapping[int, float]) -> Preset:
    """Return a preset with some of its values replaced.

    Its metadata (uncertainties, the whole it is a part of) then no longer hold and are removed.
    """
    if not changed:
        return preset
    values = np.array(preset.values)
    for index, value in changed.items():
        values[int(index)] = value
    return replace(preset, values=values, metadata={})


def play_preset(job: Job, preset: Preset) -> tuple[int, np.ndarray, float]:
    """Play the beginning of a job's dry recording through a preset.

    Returns:
        sample rate in Hz, (samples, channels) int16, and the attenuation that prevents clipping, dB
    """
    dry = read_audio(job.recording("dry"))
    if job.request.task == Task.MATCH:  # an input keeps its own channels
        with open_audio(job.recording("wet")) as wet:
            dry = to_channels(dry, wet.channels)
    start = dry.samples[:, : round(PREVIEW_SECONDS * dry.sample_rate)]
    output = render(preset, start, dry.sample_rate)
    peak = float(np.max(np.abs(output)))
    down_db = max(0.0, 20.0 * float(np.log10(max(peak, 1e-9))))
    scaled = output * 10 ** (-down_db / 20.0)
    return dry.sample_rate, (scaled.T * 32767.0).astype(np.int16), down_db
