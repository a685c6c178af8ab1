"""The studio's page: job form, jobs, result, and knobs."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from fxchain.studio.actions import Studio
from fxchain.studio.job_form import job_form
from fxchain.studio.knobs import MOST_KNOBS, STEPS, Knob

#: The interval at which the page asks for the progress of a job, s.
_POLL_SECONDS = 1.0
#: Events that change the list of jobs run one at a time: a list made before a job was created and
#: delivered after it would undo the selection of that job.
_ONE_AT_A_TIME: dict[str, Any] = {"concurrency_id": "jobs", "concurrency_limit": 1}
_HEAD = """<div class="fx-head"><h1>fxchain studio</h1>
<p>Drop a recording from before and after its effects, or one and another that it should sound like;
get the chain of effects.</p></div>"""


def build(studio: Studio) -> gr.Blocks:
    """Return the page."""
    with gr.Blocks(title="fxchain studio", analytics_enabled=False) as page:
        gr.HTML(_HEAD)
        with gr.Row():
            with gr.Column(scale=2, min_width=320):
                form = job_form()
            with gr.Column(scale=3, min_width=320):
                jobs = gr.Dropdown([], label="Jobs, the newest first", elem_id="jobs")
                progress = gr.HTML(elem_id="progress")
                stop = gr.Button(
                    "Stop and keep the best", variant="stop", interactive=False, elem_id="stop"
                )
        shown = gr.State("")
        result = gr.HTML(elem_id="result")
        _connect_knobs(studio, shown, _knob_panel())

        for file, side in zip(form.files, ("dry", "wet"), strict=True):
            file.change(
                partial(studio.check, side=side),
                file,
                form.message,
                show_progress="hidden",
                api_visibility="private",
            )
        polling: dict[str, Any] = {
            "fn": studio.poll,
            "inputs": [jobs, shown],
            "outputs": [jobs, progress, stop, result, shown],
            "show_progress": "hidden",
            "api_visibility": "private",
            **_ONE_AT_A_TIME,
        }
        form.start.click(
            studio.start,
            [form.task, *form.files, *form.options],
            [jobs, form.message],
            api_visibility="private",
            **_ONE_AT_A_TIME,
        )
        stop.click(studio.stop, jobs, None, show_progress="hidden", api_visibility="private")
        jobs.change(**polling)
        # A lost answer must not keep the page from asking again.
        gr.Timer(_POLL_SECONDS).tick(**polling, trigger_mode="multiple")
        page.load(
            studio.newest,
            None,
            jobs,
            show_progress="hidden",
            api_visibility="private",
            **_ONE_AT_A_TIME,
        )
    return page


@dataclass(frozen=True)
class _KnobPanel:
    """The components with which the knobs of a result are changed.

    Attributes:
        column: all of them
        changed: the values of the changed knobs by index
        stage: the stage whose knobs are shown
        sliders: of its knobs
        sound: the dry recording through the changed chain
        note: a message about it
        save: writes the changed chain
        saved: its files
    """

    column: gr.Column
    changed: gr.State
    stage: gr.Dropdown
    sliders: list[gr.Slider]
    sound: gr.Audio
    note: gr.HTML
    save: gr.Button
    saved: gr.File


def _knob_panel() -> _KnobPanel:
    """Lay out the knobs."""
    changed = gr.State({})
    with gr.Column(visible=False, elem_id="knobs") as column:
        gr.HTML("<h2>Turn the knobs</h2>")
        stage = gr.Dropdown([], label="Effect", elem_id="stage")
        sliders = [
            gr.Slider(0, STEPS, step=1, interactive=True, visible=False, elem_classes=["fx-knob"])
            for _ in range(MOST_KNOBS)
        ]
        sound = gr.Audio(
            label="The dry recording through the turned chain",
            interactive=False,
            elem_id="turned",
            buttons=["download"],
        )
        note = gr.HTML()
        save = gr.Button("Save the turned chain as preset and board.py", elem_id="save")
        saved = gr.File(label="The turned chain", interactive=False, visible=False)
    return _KnobPanel(column, changed, stage, sliders, sound, note, save, saved)


def _connect_knobs(studio: Studio, shown: gr.State, panel: _KnobPanel) -> None:
    """Connect the knobs to the result that is shown; changes last while stages are switched."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    sliders, state = panel.sliders, [shown, panel.stage, panel.changed]

    def begin(name: str) -> tuple[Any, ...]:
        audio, text = studio.play(name, {})
        return gr.update(visible=bool(name)), {}, studio.stages(name), audio, text, _files(None)

    def choose(name: str, stage: str | None, values: dict[str, float]) -> list[Any]:
        knobs = studio.knobs(name, stage, values)
        return [_slider(knob) for knob in knobs] + [gr.update(visible=False)] * (
            MOST_KNOBS - len(knobs)
        )

    def change(
        number: int, value: float, name: str, stage: str | None, values: dict[str, float]
    ) -> tuple[Any, ...]:
        knobs = studio.knobs(name, stage, values)
        if number >= len(knobs):  # another stage was chosen meanwhile
            return (gr.skip(),) * 4
        knob = knobs[number].at(value)
        values = {**values, str(knob.index): knob.value}
        audio, text = studio.play(name, values)
        return values, gr.update(label=knob.label), audio, text

    def save(name: str, stage: str | None, values: dict[str, float], *places: float) -> Any:
        return _files(studio.save(name, studio.as_shown(name, stage, values, places)))

    shown.change(
        begin,
        shown,
        [panel.column, panel.changed, panel.stage, panel.sound, panel.note, panel.saved],
        **quiet,
    ).then(choose, state, sliders, **quiet)
    panel.stage.change(choose, state, sliders, **quiet)
    for number, slider in enumerate(sliders):
        slider.input(
            partial(change, number),
            [slider, *state],
            [panel.changed, slider, panel.sound, panel.note],
            trigger_mode="always_last",
            **quiet,
        )
    panel.save.click(save, [*state, *sliders], panel.saved, api_visibility="private")


def _files(paths: list[str] | None) -> Any:
    return gr.update(value=paths, visible=paths is not None)


def _slider(knob: Knob) -> Any:
    """Return the update that shows a knob in a slider."""
    return gr.update(value=knob.place, label=knob.label, visible=True)
