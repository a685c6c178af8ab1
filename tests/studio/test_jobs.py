"""Jobs outlive pages and studios; what is uploaded is checked."""

import time

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.errors import AudioError
from fxchain.files.audio_output import write_audio
from fxchain.preset import Preset, parse_chain
from fxchain.studio import views
from fxchain.studio.jobs import JobFolder, State, Status, safe_name
from fxchain.studio.knobs import knobs_of, play_preset, with_knobs
from fxchain.studio.limits import Limits
from fxchain.studio.runner import Runner
from fxchain.studio.uploads import check_upload

WAITS = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
open(FOLDER + '/began', 'w').close()
time.sleep(60)
"""


def until(happens):
    end = time.monotonic() + 20.0
    while not happens():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def runner(jobs):
    """Return what starts a runner; it is closed in the end."""
    started = []

    def start(command):
        started.append(Runner(jobs, command))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("riff.wav", "riff.wav"),
        ("../../etc/passwd", "passwd"),
        ("a b'\"<script>.wav", "a_b_script_.wav"),
        (".hidden", "hidden"),
        ("...", "recording"),
        ("x" * 300 + ".flac", "x" * 80 + ".flac"),
        ("Grüße.wav", "Grüße.wav"),
    ],
)
def test_names_are_only_names(name, safe):
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", "..", "../jobs", "20261121-000000-xxxxxxxx", None])
def test_only_jobs_are_found(jobs, name):
    assert jobs.find(name) is None


def test_a_job_holds_copies_and_survives_the_studio(jobs, made, recording):
    job = made(seconds=3.0)
    recording.unlink()
    again = JobFolder(jobs.folder).find(job.id)
    assert again.request.options == {"seconds": 3.0} and again.status == Status(State.QUEUED)
    assert again.recording("dry").name == "dry.wav" and again.recording("wet").is_file()
    assert [one.id for one in jobs.all()] == [job.id]


def test_half_a_line_of_progress_waits(made):
    job = made()
    assert job.progress() == []
    (job.folder / "progress.jsonl").write_text('{"phase": "best"}\n{"pha')
    assert job.progress() == [{"phase": "best"}]


def test_jobs_run_one_after_the_other(runner, made, doing):
    running = runner(doing(WAITS))
    first, second, third = made(), made(), made()
    for job in (first, second, third):
        running.submit(job)
    until((first.folder / "began").exists)
    assert [job.status.state for job in (first, second, third)] == ["running", "queued", "queued"]
    assert [running.jobs_before(job) for job in (first, second, third)] == [0, 1, 2]
    running.stop(second)
    assert second.status.state == State.STOPPED
    running.stop(first)
    until((third.folder / "began").exists)
    assert first.status.state == State.STOPPED and not (second.folder / "began").exists()


def test_why_a_job_failed_is_said(runner, made, doing):
    running = runner(doing("import sys; sys.exit('wet.wav: silent')"))
    job = made()
    running.submit(job)
    until(lambda: job.status.state == State.FAILED)
    assert job.status.message == "wet.wav: silent"
    assert "wet.wav: silent" in views.progress(job, 0)


def test_a_new_studio_takes_up_what_was_left(runner, made, doing):
    waiting, killed, done = made(), made(), made()
    killed.write_status(Status(State.RUNNING))
    done.write_status(Status(State.DONE))
    runner(doing("pass"))
    until(lambda: waiting.status.state == killed.status.state == State.DONE)


def test_closing_keeps_the_best_and_what_waits(runner, made, doing):
    running = runner(doing(WAITS))
    first, second = made(), made()
    running.submit(first)
    running.submit(second)
    until((first.folder / "began").exists)
    running.close()
    assert first.status.state == State.DONE and second.status.state == State.QUEUED


def test_a_stranger_s_name_is_text_on_the_page(made):
    job = made(wet="<img src=x onerror=alert(1)>.wav")
    for html in (views.progress(job, 1), views.message("<b>", wrong=True)):
        assert "<img" not in html and "<b>&lt;" not in html.replace("<b>&lt;img", "")
    assert "&lt;img" in views.progress(job, 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"this is no audio", "not an audio file"),
        (np.full((1, 16_000), np.nan, np.float32), "not finite"),
        (plucked_strings(61.0, 16_000), "too long for the studio"),
        (np.zeros((1, 300_000), np.float32), "are too much"),
    ],
)
def test_a_bad_upload_is_refused_by_its_name(tmp_path, content, reason):
    path = tmp_path / "temporary" / "my riff.wav"
    path.parent.mkdir()
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        import soundfile

        soundfile.write(path, content.T, 16_000, subtype="FLOAT")
    limits = Limits(megabytes=1.0 if "much" in reason else 100.0, minutes=1.0)
    with pytest.raises(AudioError, match=reason) as refused:
        check_upload(path, "dry", limits)
    assert "my riff.wav" in str(refused.value) and str(tmp_path) not in str(refused.value)


def test_nothing_dropped_is_said():
    with pytest.raises(AudioError, match="no wet recording yet"):
        check_upload(None, "wet", Limits())


def test_knobs_turn_and_are_heard(made):
    node = {"chain": [{"primitive": "gain"}, {"primitive": "lowpass_filter"}]}
    stage, values, _ = parse_chain(node, "two")
    preset = Preset(stage, values, 16_000)
    gain, cutoff = knobs_of(preset)
    assert gain.at(425).value == pytest.approx(-6.0) and gain.label == "gain: 0 dB"
    assert cutoff.at(0.0).value == pytest.approx(20.0)
    assert cutoff.at(1000.0).value == pytest.approx(20_000.0)
    assert cutoff.at(cutoff.place).value == pytest.approx(cutoff.value, rel=0.005)
    job = made()
    rate, straight, _ = play_preset(job, preset)
    turned = with_knobs(preset, {gain.index: -20.0})
    _, soft, down_db = play_preset(job, turned)
    assert rate == 16_000 and down_db == 0.0
    ratio = np.abs(soft).max() / np.abs(straight).max()
    assert ratio == pytest.approx(0.1, rel=0.01)
    _, loud, down_db = play_preset(job, with_knobs(preset, {gain.index: 40.0}))
    assert down_db > 20.0 and np.abs(loud).max() == pytest.approx(32767, abs=2)


def test_knobs_are_found_by_the_boxes_of_the_chain():
    bands = [{"primitive": "peak_filter"}] * 9 + [{"primitive": "low_shelf_filter"}]
    drive = {"chain": [{"primitive": "distortion"}]}
    nodes = [*bands, {"mix": [{"weight": 0.4, "chain": []}, {"weight": 0.6, **drive}]}]
    stage, values, _ = parse_chain({"chain": nodes}, "boxes")
    knobs = knobs_of(Preset(stage, values, 16_000))
    assert sorted(knob.index for knob in knobs) == list(range(len(values)))
    assert list(dict.fromkeys(knob.stage for knob in knobs)) == [
        *("1 Equalizer, 1 to 8", "1 Equalizer, 9 to 10", "2 Mix", "3 Distortion")
    ]
    assert [len([k for k in knobs if k.stage.startswith("1")])] == [30]
    assert all(slot.spec is knobs[at].spec for at, slot in enumerate(stage.slots()[:30]))
    assert knobs[29].label == "band 10 (low shelf), q: 0.707"
    assert [knob.label for knob in knobs[30:]] == [
        *("branch 1, weight: 0.4", "branch 2, weight: 0.6", "drive: 6 dB")
    ]


def test_a_stereo_wet_is_heard_in_stereo(jobs, tmp_path, recording):
    from fxchain.studio.jobs import Request

    wet = tmp_path / "stereo.wav"
    write_audio(wet, np.repeat(plucked_strings(1.0, 16_000), 2, axis=0), 16_000)
    job = jobs.create(recording, wet, Request("a.wav", "b.wav"))
    stage, values, _ = parse_chain({"chain": [{"primitive": "gain"}]}, "one")
    assert play_preset(job, Preset(stage, values, 16_000))[1].shape == (16_000, 2)
