"""Jobs as folders: request, recordings, state, progress and result.

20261121-120301-a1b2c3d4/
  job.json         the request
  dry/ wet/        the recordings, or the input and its reference, one file each
  state.json       queued, running, done, stopped or failed, and why
                   (a job of which this or job.json is missing or damaged is shown as broken)
  progress.jsonl   a line for each step
  result/          the files of the match
"""

import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from fxchain.errors import AudioError
from fxchain.files.atomic import write_text_atomic

_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
_LONGEST_NAME = 80
#: What reading a damaged file raises.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
_UNKNOWN = "unknown recording"


class Task(StrEnum):
    """The task of a job."""

    MATCH = "match"
    TRANSFER = "transfer"

    @property
    def sides(self) -> tuple[str, str]:
        """Return the names of both recordings in this task."""
        return ("dry", "wet") if self == Task.MATCH else ("input", "reference")


class State(StrEnum):
    """The state of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    BROKEN = "broken"


@dataclass(frozen=True)
class Request:
    """The request of a job.

    Attributes:
        dry: the original name of the dry recording's file, or of the input's
        wet: the same of the wet, or of the reference
        options: arguments of `fxchain.match` or `fxchain.transfer`
        task: match or transfer
    """

    dry: str
    wet: str
    options: Mapping[str, Any] = field(default_factory=dict)
    task: Task = Task.MATCH

    @property
    def joined(self) -> str:
        """Return the word between both `names`."""
        return "from" if self.task == Task.MATCH else "like"

    @property
    def names(self) -> tuple[str, str]:
        """Return wet and dry, or input and reference."""
        return (self.wet, self.dry) if self.task == Task.MATCH else (self.dry, self.wet)


@dataclass(frozen=True)
class Status:
    """The state of a job, and why.

    Attributes:
        state: queued, running, done, stopped or failed; broken, where its files cannot be read
        message: why it failed or is broken, in one line
        asked_to_stop: the user stopped it; it ends after its present step
    """

    state: State
    message: str = ""
    asked_to_stop: bool = False


@dataclass(frozen=True)
class Job:
    """A job, which is stored in its folder alone."""

    folder: Path

    @property
    def id(self) -> str:
        """Return its id, the name of its folder."""
        return self.folder.name

    @property
    def result(self) -> Path:
        """Return the folder of its result; it does not exist before there is one."""
        return self.folder / "result"

    @property
    def request(self) -> Request:
        """Return its request; of a broken job one without names and options."""
        try:
            return self._read_request()
        except _UNREADABLE:
            return Request(_UNKNOWN, _UNKNOWN)

    @property
    def status(self) -> Status:
        """Return its state."""
        name = "job.json"
        try:
            self._read_request()
            name = "state.json"
            found = json.loads((self.folder / name).read_text("utf-8"))
            message, asked = str(found["message"]), bool(found["asked_to_stop"])
            return Status(State(found["state"]), message, asked)
        except _UNREADABLE:
            sentence = f"{name} in {self.folder} cannot be read; copy the folder again or remove it"
            return Status(State.BROKEN, sentence)

    def _read_request(self) -> Request:
        found = json.loads((self.folder / "job.json").read_text("utf-8"))
        task, options = Task(found.get("task", Task.MATCH)), dict(found["options"])
        return Request(str(found["dry"]), str(found["wet"]), options, task)

    def become(self, status: Status) -> None:
        """Write its state; the earlier name of `write_status`."""
        self.write_status(status)

    def write_status(self, status: Status) -> None:
        """Write its state."""
        text = json.dumps(asdict(status))
        write_text_atomic(self.folder / "state.json", text, force=True)

    def recording(self, side: str) -> Path:
        """Return the file of the `dry` recording or input, or of the `wet` or reference.

        Raises:
            AudioError: there is none.
        """
        place = self.folder / side
        found = next(place.iterdir(), None) if place.is_dir() else None
        if found is None:
            raise AudioError(f"{place}: there is no recording in it; make the job anew")
        return found

    def progress(self) -> list[dict[str, Any]]:
        """Return the steps so far: phase, loss, share, seconds; a loss may be None."""
        path = self.folder / "progress.jsonl"
        if not path.exists():
            return []
        # A line that is being written does not end in a newline yet.
        lines = path.read_text("utf-8", "replace").split("\n")[:-1]
        return [step for line in lines if (step := _step(line)) is not None]


class JobFolder:
    """All jobs of a studio, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, dry: Path, wet: Path, request: Request) -> Job:
        """Create a queued job with copies of two recordings."""
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        staging = self.folder / f".{name}"
        try:
            for side, source, shown in (("dry", dry, request.dry), ("wet", wet, request.wet)):
                (staging / side).mkdir(parents=True)
                shutil.copyfile(source, staging / side / safe_name(shown))
            (staging / "job.json").write_text(json.dumps(asdict(request)), "utf-8")
            Job(staging).write_status(Status(State.QUEUED))
            staging.rename(self.folder / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return Job(self.folder / name)

    def find(self, name: str | None) -> Job | None:
        """Return the job of that name, None where there is none."""
        if name is None or not _ID.fullmatch(name) or not (self.folder / name).is_dir():
            return None
        return Job(self.folder / name)

    def all(self) -> list[Job]:
        """Return all jobs, the newest first."""
        names = sorted((path.name for path in self.folder.iterdir()), reverse=True)
        jobs = [Job(self.folder / name) for name in names if _ID.fullmatch(name)]
        return [job for job in jobs if job.folder.is_dir()]


def _step(line: str) -> dict[str, Any] | None:
    """Return a step of the progress, None where its line is damaged."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def safe_name(name: str) -> str:
    """Return a file name of letters, digits, dots, dashes and underscores."""
    kept = re.sub(r"[^\w.-]+", "_", Path(name).name).strip("._")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        return kept[:_LONGEST_NAME] or "recording"
    return f"{stem[:_LONGEST_NAME]}.{ending[:8]}"
