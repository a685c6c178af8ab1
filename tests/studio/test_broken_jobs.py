"""A damaged job is shown as broken; the others are shown, run and opened."""

import json
import shutil

import numpy as np
import pytest

from fxchain.studio import views
from fxchain.studio.actions import Studio
from fxchain.studio.jobs import JobFolder, State, Status
from fxchain.studio.limits import Limits
from fxchain.studio.runner import Runner


def empty_state(folder):
    (folder / "state.json").write_text("")


def half_a_state(folder):
    text = (folder / "state.json").read_text()
    (folder / "state.json").write_text(text[: len(text) // 2])


def no_state(folder):
    (folder / "state.json").unlink()


def unknown_state(folder):
    (folder / "state.json").write_text('{"state": "x", "message": "", "asked_to_stop": false}')


def other_json(folder):
    (folder / "job.json").write_text("[1, 2]")


def no_request(folder):
    (folder / "job.json").unlink()


def bytes_in_request(folder):
    (folder / "job.json").write_bytes(np.random.default_rng(0).bytes(300))


def folder_for_a_file(folder):
    (folder / "state.json").unlink()
    (folder / "state.json").mkdir()


def empty_folder(folder):
    shutil.rmtree(folder)
    folder.mkdir()


DAMAGE = [
    empty_state,
    half_a_state,
    no_state,
    unknown_state,
    other_json,
    no_request,
    bytes_in_request,
    folder_for_a_file,
    empty_folder,
]


@pytest.fixture
def opened(jobs):
    """Return what opens the studio on a folder, as a new start of it would."""
    runners = []

    def open_studio(command=None):
        folder = JobFolder(jobs.folder)
        runners.append(Runner(folder, command))
        return Studio(folder, runners[-1], Limits())

    yield open_studio
    for runner in runners:
        runner.close()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_broken_job_is_shown_and_the_rest_works(jobs, made, opened, damage):
    healthy, broken = made(), made()
    for job in (healthy, broken):
        job.become(Status(State.DONE))
    damage(broken.folder)
    studio = opened()
    labels = {name: text for text, name in studio.choices()}
    assert "(broken)" in labels[broken.id] and "(done)" in labels[healthy.id]
    _, page, _, _, _ = studio.poll(broken.id, "")
    assert "cannot be read; copy the folder again or remove it" in page and "fx-wrong" in page
    assert "done" in studio.poll(healthy.id, "")[1]
    assert studio.preset(broken.id, {}) is None


@pytest.mark.parametrize("seed", range(4))
def test_any_bytes_in_any_file_of_a_job(jobs, made, opened, seed):
    rng = np.random.default_rng(seed)
    job = made()
    job.become(Status(State.DONE))
    (job.folder / "progress.jsonl").write_text('{"phase": "best", "loss": 1, "share": 0.5}\n')
    for path in job.folder.glob("*.json*"):
        data = bytearray(path.read_bytes())
        for _ in range(int(rng.integers(1, 9))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(bytes(data))
    studio = opened()
    assert studio.choices()[0][1] == job.id
    studio.poll(job.id, "")


def test_a_queued_job_without_recordings_fails_and_the_next_runs(jobs, made, opened, doing):
    gone, after = made(), made()
    shutil.rmtree(gone.folder / "dry")
    with pytest.raises(Exception, match="there is no recording in it; make the job anew"):
        gone.recording("dry")
    studio = opened(doing("pass"))
    for job in (gone, after):
        while job.status.state in (State.QUEUED, State.RUNNING):
            studio.runner._thread.join(0.02)
    assert after.status.state == State.DONE


def test_a_folder_that_goes_while_its_job_waits_does_not_stop_the_queue(made, opened, doing):
    first, gone, last = sorted((made(), made(), made()), key=lambda job: job.id)
    studio = opened(doing("import time; time.sleep(0.5)"))
    gone.folder.rename(gone.folder.with_name("elsewhere"))
    while any(job.status.state in (State.QUEUED, State.RUNNING) for job in (first, last)):
        studio.runner._thread.join(0.02)
    assert first.status.state == last.status.state == State.DONE


def test_damaged_steps_are_left_out(made):
    job = made()
    step = {"phase": "best", "loss": 0.5, "share": 0.5, "seconds": 1.0}
    lines = [json.dumps(step), "{", "[]", '{"phase": "best"}', json.dumps(step)]
    (job.folder / "progress.jsonl").write_text("\n".join(lines) + "\n")
    assert job.progress() == [step, {"phase": "best"}, step]
    assert views.progress(job, 0)


def test_a_file_named_as_a_job_is_none(jobs, made):
    job = made()
    (jobs.folder / "20200101-000000-00000000").write_text("")
    assert [one.id for one in JobFolder(jobs.folder).all()] == [job.id]
