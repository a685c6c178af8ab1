"""The studio's page: recordings in, a job, its result, and its knobs."""

from functools import partial
from typing import Any

import gradio as gr

from fxchain.primitives import REGISTRY
from fxchain.studio.actions import Studio
from fxchain.studio.job_form import ask
from fxchain.studio.knobs import STEPS, Knob

#: No stage has more knobs than this.
MOST_KNOBS = max(len(primitive.parameters) for primitive in REGISTRY.values())
#: The page asks so often how far a job is, s.
_LOOK_SECONDS = 1.0
#: What changes the list of jobs waits for each other: a list made before a job began, arriving
#: after it, would take the choice of that job back.
_IN_TURN: dict[str, Any] = {"concurrency_id": "jobs", "concurrency_limit": 1}
_HEAD = """<div class="fx-head"><h1>fxchain studio</h1>
<p>Drop a recording from before and after its effects, or one and another that it should sound like;
get the chain of effects.</p></div>"""


def build(studio: Studio) -> gr.Blocks:
    """Return the page."""
    with gr.Blocks(title="fxchain studio", analytics_enabled=False) as page:
        gr.HTML(_HEAD)
        with gr.Row():
            with gr.Column(scale=2, min_width=320):
                asking = ask()
            with gr.Column(scale=3, min_width=320):
                jobs = gr.Dropdown([], label="Jobs, the newest first", elem_id="jobs")
                progress = gr.HTML(elem_id="progress")
                stop = gr.Button(
                    "Stop and keep the best", variant="stop", interactive=False, elem_id="stop"
                )
        shown = gr.State("")
        result = gr.HTML(elem_id="result")
        _turning(studio, shown)

        for file, side in zip(asking.files, ("dry", "wet"), strict=True):
            file.change(
                partial(studio.check, side=side),
                file,
                asking.said,
                show_progress="hidden",
                api_visibility="private",
            )
        looking: dict[str, Any] = {
            "fn": studio.look,
            "inputs": [jobs, shown],
            "outputs": [jobs, progress, stop, result, shown],
            "show_progress": "hidden",
            "api_visibility": "private",
            **_IN_TURN,
        }
        asking.go.click(
            studio.start,
            [asking.task, *asking.files, *asking.options],
            [jobs, asking.said],
            api_visibility="private",
            **_IN_TURN,
        )
        stop.click(studio.stop, jobs, None, show_progress="hidden", api_visibility="private")
        jobs.change(**looking)
        # An answer that is lost on its way must not keep the page from asking again.
        gr.Timer(_LOOK_SECONDS).tick(**looking, trigger_mode="multiple")
        page.load(
            studio.arrive,
            None,
            jobs,
            show_progress="hidden",
            api_visibility="private",
            **_IN_TURN,
        )
    return page


def _turning(studio: Studio, shown: gr.State) -> None:
    """Lay out the knobs of what is shown; their values are kept while stages are changed."""
    turned = gr.State({})
    with gr.Column(visible=False, elem_id="knobs") as part:
        gr.HTML("<h2>Turn the knobs</h2>")
        stage = gr.Dropdown([], label="Stage", elem_id="stage")
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

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def begin(name: str) -> tuple[Any, ...]:
        audio, text = studio.play(name, {})
        return gr.update(visible=bool(name)), {}, studio.stages(name), audio, text, _files(None)

    def choose(name: str, place: str | None, values: dict[str, float]) -> list[Any]:
        knobs = studio.knobs(name, place, values)
        return [_slider(knob) for knob in knobs] + [gr.update(visible=False)] * (
            MOST_KNOBS - len(knobs)
        )

    def turn(
        number: int, value: float, name: str, place: str | None, values: dict[str, float]
    ) -> tuple[Any, ...]:
        knobs = studio.knobs(name, place, values)
        if number >= len(knobs):  # the stage was changed meanwhile
            return (gr.skip(),) * 4
        moved = knobs[number].turned(value)
        values = {**values, str(moved.index): moved.value}
        audio, text = studio.play(name, values)
        return values, gr.update(label=moved.label), audio, text

    shown.change(begin, shown, [part, turned, stage, sound, note, saved], **quiet).then(
        choose, [shown, stage, turned], sliders, **quiet
    )
    stage.change(choose, [shown, stage, turned], sliders, **quiet)
    for number, slider in enumerate(sliders):
        slider.input(
            partial(turn, number),
            [slider, shown, stage, turned],
            [turned, slider, sound, note],
            trigger_mode="always_last",
            **quiet,
        )

    def keep(name: str, place: str | None, values: dict[str, float], *turns: float) -> Any:
        return _files(studio.save(name, studio.as_shown(name, place, values, turns)))

    save.click(
        keep,
        [shown, stage, turned, *sliders],
        saved,
        api_visibility="private",
    )


def _files(paths: list[str] | None) -> Any:
    return gr.update(value=paths, visible=paths is not None)


def _slider(knob: Knob) -> Any:
    """Return what makes a slider that of a knob."""
    return gr.update(value=knob.turn, label=knob.label, visible=True)
