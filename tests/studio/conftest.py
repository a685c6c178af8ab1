"""What the tests of the studio share."""

import sys

import pytest

from fxchain.data.signals import plucked_strings
from fxchain.files.audio_output import write_audio
from fxchain.studio.jobs import JobFolder, Request


@pytest.fixture
def recording(tmp_path):
    """Return a recording of a second."""
    path = tmp_path / "riff.wav"
    write_audio(path, plucked_strings(1.0, 16_000), 16_000)
    return path


@pytest.fixture
def jobs(tmp_path):
    """Return a folder of jobs."""
    return JobFolder(tmp_path / "jobs")


@pytest.fixture
def made(jobs, recording):
    """Return what makes a job."""

    def make(wet="wet.wav", **options):
        return jobs.create(recording, recording, Request("dry.wav", wet, options))

    return make


@pytest.fixture
def doing():
    """Return what makes the command of a runner out of a line of Python; FOLDER is the job's."""

    def command(line):
        return lambda job: [sys.executable, "-c", line.replace("FOLDER", repr(str(job.folder)))]

    return command
