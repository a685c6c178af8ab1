"""The form in which a job is described."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from fxchain.structure.named import named_chain
from fxchain.studio.jobs import Task
from fxchain.transferring.dimensions import DIMENSIONS

TASKS = [
    ("The same performance after its effects", Task.MATCH.value),
    ("Another recording that it should sound like", Task.TRANSFER.value),
]
CHAINS = [
    ("All: EQ, drive, compressor, space", "default"),
    ("The same, compressor first", "compressor-first"),
    ("Amplifier: filtered drives in series", "amp"),
    ("Equalizer", "eq"),
    ("Dynamics", "dynamics"),
    ("Drive", "drive"),
    ("Space: delay and reverb", "space"),
]
#: The kinds of effects of the default chain that a match can do without: all but filters and gains.
LEAVE_OUT = tuple(
    dict.fromkeys(
        slot.kind
        for slot in named_chain("default").stage.slots()
        if slot.purpose not in ("tone", "level")
    )
)
DEFAULT_SECONDS, LONGEST_SECONDS = 60, 900
#: The labels of the files in each task.
_FILES = {
    Task.MATCH: ("Dry: before the effects", "Wet: after the effects"),
    Task.TRANSFER: ("Input: what is changed", "Reference: what it should sound like"),
}
#: The label of the start button in each task.
_START = {Task.MATCH: "Find the chain", Task.TRANSFER: "Take over the style"}


@dataclass(frozen=True)
class JobForm:
    """The components of the form.

    Attributes:
        task: match or transfer
        files: dry and wet, or input and reference
        options: in the order of `fxchain.studio.job_options.FormValues`
        start: the button that creates a job
        message: where messages appear
    """

    task: gr.Radio
    files: tuple[gr.File, gr.File]
    options: tuple[Any, ...]
    start: gr.Button
    message: gr.HTML


def job_form() -> JobForm:
    """Lay out the form; components that the task does not use are hidden."""
    task = gr.Radio(TASKS, value=Task.MATCH.value, label="The second recording is", elem_id="task")
    dry, wet = _FILES[Task.MATCH]
    files = (
        gr.File(label=dry, elem_id="dry", height=150),
        gr.File(label=wet, elem_id="wet", height=150),
    )
    seconds = gr.Slider(
        1,
        LONGEST_SECONDS,
        DEFAULT_SECONDS,
        step=1,
        label="How long to search, s",
        elem_id="seconds",
    )
    chain = gr.Dropdown(CHAINS, value="default", label="Stages", elem_id="chain")
    amount = gr.Slider(0, 100, 100, step=1, label="How much, %", visible=False, elem_id="amount")
    dimensions = gr.CheckboxGroup(
        DIMENSIONS, value=list(DIMENSIONS), label="What", visible=False, elem_id="dimensions"
    )
    with gr.Accordion("More", open=False):
        without = gr.CheckboxGroup(LEAVE_OUT, label="Leave out", elem_id="without")
        only = gr.Checkbox(False, label="Only effects that pedalboard has")
        response = gr.Checkbox(True, label="A measured impulse response may help")
        seed = gr.Number(0, precision=0, minimum=0, label="Seed")
    start = gr.Button(_START[Task.MATCH], variant="primary", elem_id="go")
    message = gr.HTML(elem_id="said")

    def show_task(name: str) -> list[Any]:
        chosen = Task(name)
        matching = chosen == Task.MATCH
        return [
            *(gr.update(label=label) for label in _FILES[chosen]),
            *[gr.update(visible=matching)] * 4,
            *[gr.update(visible=not matching)] * 2,
            gr.update(value=_START[chosen]),
        ]

    task.change(
        show_task,
        task,
        [*files, chain, without, only, response, amount, dimensions, start],
        show_progress="hidden",
        api_visibility="private",
    )
    options = (seconds, seed, chain, without, only, response, amount, dimensions)
    return JobForm(task, files, options, start, message)
