"""What the studio does when something on its page is pressed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from fxchain.errors import FxchainError
from fxchain.preset import Preset
from fxchain.studio import views
from fxchain.studio.job_options import FormValues, options_of
from fxchain.studio.jobs import Job, JobFolder, Request, State, Task
from fxchain.studio.knobs import Knob, hear, knobs_of, with_knobs
from fxchain.studio.limits import Limits
from fxchain.studio.runner import Runner
from fxchain.studio.uploads import check_upload

_TURNED = "turned"


class Studio:
    """What the page does when something is pressed.

    Args:
        jobs: where jobs lie
        runner: what works on them
        limits: of uploads
    """

    def __init__(self, jobs: JobFolder, runner: Runner, limits: Limits) -> None:
        self.jobs, self.runner, self.limits = jobs, runner, limits

    def check(self, path: str | None, side: str) -> str:
        """Say what is wrong with a recording as soon as it is there."""
        if path is None:
            return ""
        try:
            check_upload(path, side, self.limits)
        except FxchainError as error:
            return views.message(str(error), wrong=True)
        return ""

    def start(self, task: str, dry: str | None, wet: str | None, *options: Any) -> tuple[Any, str]:
        """Make a job of two recordings; return the list with it chosen, and a message."""
        try:
            doing = Task(task)
            first, second = doing.sides
            asked = Request(
                check_upload(dry, first, self.limits),
                check_upload(wet, second, self.limits),
                options_of(doing, FormValues(*options)),
                doing,
            )
            job = self.jobs.create(Path(dry or ""), Path(wet or ""), asked)
        except (FxchainError, OSError) as error:
            return gr.skip(), views.message(" ".join(str(error).splitlines()), wrong=True)
        self.runner.submit(job)
        return gr.update(choices=self.choices(), value=job.id), views.message(
            "It is in the queue. You can leave this page; nothing is lost."
        )

    def choices(self) -> list[tuple[str, str]]:
        """Return all jobs as a list shows them."""
        return [(views.label(job), job.id) for job in self.jobs.all()]

    def stop(self, name: str | None) -> None:
        """End a job and keep the best."""
        job = self.jobs.find(name)
        if job is not None:
            self.runner.stop(job)

    def arrive(self) -> Any:
        """Show the newest job to whoever opens the page."""
        choices = self.choices()
        return gr.update(choices=choices, value=choices[0][1] if choices else None)

    def look(self, name: str | None, shown: str) -> tuple[Any, ...]:
        """Return list, progress, stop button, result and what is shown of a job now."""
        job = self.jobs.find(name)
        if job is None:
            return gr.update(choices=self.choices()), "", gr.update(interactive=False), "", ""
        state = job.status.state
        going = state in (State.QUEUED, State.RUNNING) and not job.status.asked_to_stop
        now = job.id if job.result.is_dir() and state not in (State.QUEUED, State.RUNNING) else ""
        return (
            gr.update(choices=self.choices()),
            views.progress(job, self.runner.place(job)),
            gr.update(interactive=going),
            gr.skip() if now == shown else (views.result(job) if now else ""),
            gr.skip() if now == shown else now,
        )

    def preset(self, shown: str, turned: dict[str, float]) -> tuple[Job, Preset] | None:
        """Return a job and its preset with the knobs as they were turned."""
        job = self.jobs.find(shown)
        if job is None:
            return None
        found = Preset.load(job.result / "preset.json")
        return job, with_knobs(found, {int(index): value for index, value in turned.items()})

    def stages(self, shown: str) -> Any:
        """Return the stages whose knobs can be turned."""
        found = self.preset(shown, {})
        stages = [] if found is None else list(dict.fromkeys(k.stage for k in knobs_of(found[1])))
        return gr.update(choices=stages, value=stages[0] if stages else None, visible=bool(stages))

    def knobs(self, shown: str, stage: str | None, turned: dict[str, float]) -> list[Knob]:
        """Return the knobs of one stage as they were turned."""
        found = self.preset(shown, turned)
        return [] if found is None else [k for k in knobs_of(found[1]) if k.stage == stage]

    def play(self, shown: str, turned: dict[str, float]) -> tuple[Any, str]:
        """Return what the turned chain sounds like."""
        found = self.preset(shown, turned)
        if found is None:
            return None, ""
        rate, samples, down_db = hear(*found)
        quieter = f"Played {down_db:.1f} dB softer, so that it is not clipped." if down_db else ""
        return (rate, samples), views.message(quieter)

    def as_shown(
        self, shown: str, stage: str | None, turned: dict[str, float], turns: Sequence[float]
    ) -> dict[str, float]:
        """Return what was turned, with the sliders of one stage where they stand now.

        The last movement of a slider may still be on its way when a button is pressed.
        """
        shown_knobs = self.knobs(shown, stage, turned)
        moved = {
            str(knob.index): knob.turned(turn).value
            for knob, turn in zip(shown_knobs, turns, strict=False)
            if turn != knob.turn
        }
        return {**turned, **moved}

    def save(self, shown: str, turned: dict[str, float]) -> list[str] | None:
        """Write the turned chain beside the result, as a preset and a script."""
        found = self.preset(shown, turned)
        if found is None:
            return None
        job, preset = found
        folder = job.folder / _TURNED
        folder.mkdir(exist_ok=True)
        preset.save(folder / "preset.json", force=True)
        (folder / "board.py").write_text(preset.to_python(), encoding="utf-8", newline="\n")
        return [str(folder / "preset.json"), str(folder / "board.py")]
