"""The parts of the studio's page that are HTML templates: messages, progress, result."""

import math
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from fxchain.report.loss_picture import loss_picture
from fxchain.studio.jobs import Job, State, Status, Task

#: The files of a result that can be downloaded.
FILES = ("preset.json", "board.py", "matched.wav", "report.html", "metrics.json")

_ENVIRONMENT = Environment(
    loader=PackageLoader("fxchain.studio", "assets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_WORDS = {
    State.QUEUED: "waiting",
    State.RUNNING: "searching",
    State.DONE: "done",
    State.STOPPED: "stopped early",
    State.FAILED: "failed",
    State.BROKEN: "broken",
}


def message(text: str, wrong: bool = False) -> str:
    """Return a message that screen readers announce; empty for no text."""
    return _render("message.html.jinja", text=text, wrong=wrong)


def refusal(text: str) -> str:
    """Return a page that says why a chain is not played live."""
    return _render("refusal.html.jinja", text=text)


def label(job: Job) -> str:
    """Return the label of a job in a list."""
    name = job.id
    clock = f"{name[9:11]}:{name[11:13]}"
    return f"{clock}  {job.request.names[0]} ({words(job.status)})"


def words(status: Status) -> str:
    """Return a state in words."""
    if status.state == State.RUNNING and status.asked_to_stop:
        return "stopping, the best so far is kept"
    return _WORDS[status.state]


def progress(job: Job, before: int) -> str:
    """Return the progress of a job, with the loss over time.

    Args:
        job: a job
        before: the number of jobs before it
    """
    steps = [step for step in job.progress() if _is_complete(step)]
    status = job.status
    last: dict[str, Any] = steps[-1] if steps else {"phase": "reading", "share": 0.0}
    request = job.request
    pair = request.task == Task.MATCH  # only its loss is an error-to-signal ratio
    best = [s["loss"] for s in steps if s["phase"] == "best" and s["loss"] and pair]
    history = [
        {**step, "loss": math.nan if step["loss"] is None else step["loss"]} for step in steps
    ]
    picture = loss_picture(
        [h for h in history if h["phase"] != "scoring"], timed=True, likelihood=not pair
    )
    return _render(
        "progress.html.jinja",
        request=request,
        status=status,
        words=words(status),
        place=before,
        phase=last["phase"],
        share=100.0 if status.state == State.DONE else 100.0 * last["share"],
        best_db=10.0 * math.log10(best[-1]) if best else None,
        running=status.state == State.RUNNING,
        picture=picture,
    )


def _is_complete(step: dict[str, Any]) -> bool:
    """Return whether a step has all that is shown of it; a damaged line may not."""
    numbers = [step.get("share"), step.get("seconds"), step.get("loss", "") or 0.0]
    return isinstance(step.get("phase"), str) and all(
        isinstance(number, int | float) and math.isfinite(number) for number in numbers
    )


def result(job: Job) -> str:
    """Return links to the files of a result and its report; nothing while there is none."""
    if not job.result.is_dir():
        return ""
    return _render("result.html.jinja", job=job, files=FILES)


def _render(name: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(name).render(**values)
