"""The event handlers of the studio's page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from fxchain.errors import FxchainError, PresetError
from fxchain.preset import Preset
from fxchain.studio import views
from fxchain.studio.job_options import FormValues, options_of
from fxchain.studio.jobs import Job, JobFolder, Request, State, Task
from fxchain.studio.knobs import Knob, knobs_of, play_preset, with_knobs
from fxchain.studio.limits import Limits
from fxchain.studio.runner import Runner
from fxchain.studio.uploads import check_upload

#: The folder of a changed chain beside the result.
_CHANGED = "turned"


class Studio:
    """The event handlers.

    `shown` is the id of the job whose result is shown, empty where there is none; `changed` are
    values of knobs by index.

    Args:
        jobs: the folder of the jobs
        runner: runs them
        limits: of uploads
    """

    def __init__(self, jobs: JobFolder, runner: Runner, limits: Limits) -> None:
        self.jobs, self.runner, self.limits = jobs, runner, limits

    def check(self, path: str | None, side: str) -> str:
        """Return an error message for an uploaded recording; empty where it can be used."""
        if path is None:
            return ""
        try:
            check_upload(path, side, self.limits)
        except FxchainError as error:
            return views.message(str(error), wrong=True)
        return ""

    def start(self, task: str, dry: str | None, wet: str | None, *options: Any) -> tuple[Any, str]:
        """Create a job; return the list of jobs with it selected, and a message."""
        try:
            kind = Task(task)
            first, second = kind.sides
            request = Request(
                check_upload(dry, first, self.limits),
                check_upload(wet, second, self.limits),
                options_of(kind, FormValues(*options)),
                kind,
            )
            job = self.jobs.create(Path(dry or ""), Path(wet or ""), request)
        except (FxchainError, OSError) as error:
            return gr.skip(), views.message(" ".join(str(error).splitlines()), wrong=True)
        self.runner.submit(job)
        return gr.update(choices=self.choices(), value=job.id), views.message(
            "It is in the queue. You can leave this page; nothing is lost."
        )

    def choices(self) -> list[tuple[str, str]]:
        """Return (label, id) of all jobs."""
        return [(views.label(job), job.id) for job in self.jobs.all()]

    def stop(self, name: str | None) -> None:
        """End a job; its best chain so far is its result."""
        job = self.jobs.find(name)
        if job is not None:
            self.runner.stop(job)

    def newest(self) -> Any:
        """Return the list of jobs with the newest selected."""
        choices = self.choices()
        return gr.update(choices=choices, value=choices[0][1] if choices else None)

    def poll(self, name: str | None, shown: str) -> tuple[Any, ...]:
        """Return list of jobs, progress, stop button, result, and id of the shown job."""
        job = self.jobs.find(name)
        if job is None:
            return gr.update(choices=self.choices()), "", gr.update(interactive=False), "", ""
        state = job.status.state
        going = state in (State.QUEUED, State.RUNNING) and not job.status.asked_to_stop
        now = job.id if job.result.is_dir() and state not in (State.QUEUED, State.RUNNING) else ""
        return (
            gr.update(choices=self.choices()),
            views.progress(job, self.runner.jobs_before(job)),
            gr.update(interactive=going),
            gr.skip() if now == shown else (views.result(job) if now else ""),
            gr.skip() if now == shown else now,
        )

    def preset(self, shown: str, changed: dict[str, float]) -> tuple[Job, Preset] | None:
        """Return a job and its preset with the changed knobs."""
        job = self.jobs.find(shown)
        if job is None:
            return None
        try:
            found = Preset.load(job.result / "preset.json")
        except PresetError:  # a damaged result has no knobs
            return None
        return job, with_knobs(found, {int(index): value for index, value in changed.items()})

    def stages(self, shown: str) -> Any:
        """Return the list of stages that have knobs."""
        found = self.preset(shown, {})
        stages = [] if found is None else list(dict.fromkeys(k.stage for k in knobs_of(found[1])))
        return gr.update(choices=stages, value=stages[0] if stages else None, visible=bool(stages))

    def knobs(self, shown: str, stage: str | None, changed: dict[str, float]) -> list[Knob]:
        """Return the knobs of one stage with their present values."""
        found = self.preset(shown, changed)
        return [] if found is None else [k for k in knobs_of(found[1]) if k.stage == stage]

    def play(self, shown: str, changed: dict[str, float]) -> tuple[Any, str]:
        """Return the dry recording through the changed chain, and a message."""
        found = self.preset(shown, changed)
        if found is None:
            return None, ""
        rate, samples, down_db = play_preset(*found)
        quieter = f"Played {down_db:.1f} dB softer, so that it is not clipped." if down_db else ""
        return (rate, samples), views.message(quieter)

    def as_shown(
        self, shown: str, stage: str | None, changed: dict[str, float], places: Sequence[float]
    ) -> dict[str, float]:
        """Return the changed values, updated by the positions of the shown sliders.

        The event of the last slider movement may arrive after that of a button.
        """
        shown_knobs = self.knobs(shown, stage, changed)
        moved = {
            str(knob.index): knob.at(place).value
            for knob, place in zip(shown_knobs, places, strict=False)
            if place != knob.place
        }
        return {**changed, **moved}

    def save(self, shown: str, changed: dict[str, float]) -> list[str] | None:
        """Write the changed chain beside the result, as a preset and a script; return the paths."""
        found = self.preset(shown, changed)
        if found is None:
            return None
        job, preset = found
        folder = job.folder / _CHANGED
        folder.mkdir(exist_ok=True)
        preset.save(folder / "preset.json", force=True)
        (folder / "board.py").write_text(preset.to_python(), encoding="utf-8", newline="\n")
        return [str(folder / "preset.json"), str(folder / "board.py")]
