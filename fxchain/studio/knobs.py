"""The knobs of a result, box by box: sliders, changed presets, and their sound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from fxchain.files.audio_input import open_audio, read_audio, to_channels
from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.report.chain_view import knob_label, words
from fxchain.stage import WEIGHT, knob_name
from fxchain.structure.boxes import EQUALIZER, MIX, Box, boxes, flattened
from fxchain.studio.jobs import Job, Task

#: Length of the audio that is played after a change, s.
PREVIEW_SECONDS = 12.0
#: Number of steps of a slider over a knob's range; on a logarithmic scale steps are equal ratios.
STEPS = 1000
#: The box of the macros, which stands before all others.
MACROS = "Macros"
#: So many knobs of one box are shown at once: eight bands.
MOST_KNOBS = 24


@dataclass(frozen=True)
class Knob:
    """One control of a preset.

    Attributes:
        index: its place among the preset's values; of macros −1, −2 …
        stage: the box it belongs to, as in `2 Equalizer`
        spec: its range and unit
        value: physical
        part: the band or the branch of the box that it belongs to; empty where there is but one
    """

    index: int
    stage: str
    spec: ParameterSpec
    value: float
    part: str = ""

    @property
    def place(self) -> int:
        """Return the position of its slider, 0 to STEPS."""
        return round(STEPS * self.spec.normalize(self.value))

    @property
    def label(self) -> str:
        """Return its name, value and unit."""
        unit = f" {self.spec.unit}" if self.spec.unit else ""
        name = f"{self.part}, {knob_label(self.spec.name)}" if self.part else ""
        return f"{name or knob_label(self.spec.name)}: {self.value:.4g}{unit}"

    def at(self, place: float) -> "Knob":
        """Return the knob with its slider at another position, 0 to STEPS."""
        spec = self.spec
        value = float(spec.denormalize(torch.tensor(place / STEPS, dtype=torch.float64)))
        return replace(self, value=min(max(value, spec.low), spec.high))


def knobs_of(preset: Preset) -> list[Knob]:
    """Return every knob of a preset, box by box.

    Boxes are numbered in signal order, those in the branches of a mix behind the mix. An equalizer
    with more knobs than `MOST_KNOBS` is shown in parts.
    """
    slots = zip(preset.stage.slots(), preset.values, strict=True)
    unnamed = {
        knob_name(slot.path, slot.spec.name): Knob(index, "", slot.spec, float(value))
        for index, (slot, value) in enumerate(slots)
    }
    found = [
        Knob(
            -1 - number,
            MACROS,
            ParameterSpec(macro.name, macro.unit, macro.low, macro.high, macro.value),
            macro.value,
        )
        for number, macro in enumerate(preset.macros)
    ]
    drawn = flattened(boxes(preset.stage, preset.values))
    for number, box in enumerate(drawn, start=1):
        named = [
            [replace(unnamed[name], part=part) for name in names] for part, names in _parts(box)
        ]
        title = f"{number} {words(box.kind)}"
        at_once = MOST_KNOBS // max((len(knobs) for knobs in named), default=1) or 1
        for first in range(0, len(named), at_once):
            shown = named[first : first + at_once]
            bands = f", {first + 1} to {first + len(shown)}" if len(named) > at_once else ""
            found += [replace(knob, stage=title + bands) for knobs in shown for knob in knobs]
    return found


def _parts(box: Box) -> Iterator[tuple[str, list[str]]]:
    """Yield the bands or branches of a box, each with the names of its knobs."""
    for number, branch in enumerate(box.branches, start=1):
        if box.kind == MIX:
            yield f"branch {number}", [knob_name(branch.path, WEIGHT.name)]
    for number, placed in enumerate(box.effects, start=1):
        primitive = placed.effect.primitive
        kind = words(primitive.kind).removesuffix(" filter").lower()
        part = f"band {number} ({kind})" if box.kind == EQUALIZER else ""
        yield part, [knob_name(placed.path, spec.name) for spec in primitive.parameters]


def with_knobs(preset: Preset, changed: Mapping[int, float]) -> Preset:
    """Return a preset with some of its values replaced.

    Macros are turned before single values are replaced. Its metadata (uncertainties, the whole it
    is a part of) then no longer hold and are removed.
    """
    if not changed:
        return preset
    names = {-1 - number: macro.name for number, macro in enumerate(preset.macros)}
    turned = preset.with_macros({names[at]: value for at, value in changed.items() if at in names})
    values = np.array(turned.values)
    for index, value in changed.items():
        if index >= 0:
            values[int(index)] = value
    return replace(turned, values=values, metadata={})


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
