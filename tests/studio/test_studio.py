"""The studio in a browser: upload, match, stop, download, turn, leave and come back."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest
import soundfile
from playwright.sync_api import TimeoutError

from fxchain.data.signals import plucked_strings
from fxchain.preset import Preset
from tests.browsing import serious_problems

RATE = 16_000
#: A name that the page must show as text.
WET = "we't <b>hidden<b> &amp;.wav"
LIMIT_MEGABYTES = 2.0
#: What Gradio says of a request that is under way when the page is left or loaded anew.
CUT_OFF = (
    "AbortError: signal is aborted",
    "AbortError: BodyStreamBuffer was aborted",  # the same while the answer was being read
    "Connection errored out",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with recordings, good and bad."""
    folder = tmp_path_factory.mktemp("recordings")
    dry = plucked_strings(3.0, RATE)
    soundfile.write(folder / "dry.wav", dry.T, RATE, subtype="FLOAT")
    noise = np.random.default_rng(0).normal(0.0, 1e-3, dry.shape)  # no search is ever done with it
    wet = 0.5 * np.tanh(4.0 * dry) + noise
    soundfile.write(folder / WET, wet.T, RATE, subtype="FLOAT")
    (folder / "letter.wav").write_text("dear reader")
    soundfile.write(folder / "large.wav", np.ones((600_000, 1)) * 0.1, RATE, subtype="FLOAT")
    return folder


@contextmanager
def running(jobs, program="from fxchain.cli import main; main()"):
    """Run a studio; its address."""
    command = [
        sys.executable, "-c", program, "studio", "--no-open",
        "--jobs", str(jobs), "--port", "0", "--most-megabytes", str(LIMIT_MEGABYTES),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert address, line
            yield address.group()
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
        finally:
            process.kill()


@pytest.fixture(scope="module")
def studio(browser, tmp_path_factory):
    """Return the address of a running studio and the folder of its jobs."""
    jobs = tmp_path_factory.mktemp("studio") / "jobs"
    with running(jobs) as address:
        yield address, jobs


@pytest.fixture
def opened(page, studio, complaints):
    complaints.expected = CUT_OFF
    page.set_default_timeout(60_000)
    page.goto(studio[0])
    page.locator("#go").wait_for()
    return page


def until(happens):
    end = time.monotonic() + 30.0
    while not happens():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def drop(page, side, path):
    page.locator(f"#{side} input[type=file]").set_input_files(path)
    page.locator(f"#{side} .file-preview").wait_for()


def drop_both(page, files):
    drop(page, "dry", files / "dry.wav")
    drop(page, "wet", files / WET)


def search(page, seconds):
    page.locator("#seconds input[type=number]").fill(str(seconds))
    page.locator("#seconds input[type=number]").blur()
    page.get_by_label("Stages").click()
    page.get_by_role("option", name="Drive", exact=True).click()
    page.locator("#go").click()


def job_in(page, state):
    return page.locator(f"#progress .fx-job[data-state={state}]")


def until_stopped(page, jobs):
    """Wait for it; where it does not happen, say what there is instead."""
    try:
        job_in(page, "stopped").wait_for()
    except TimeoutError as error:
        shown = page.locator("#progress").inner_html()
        lying = [path.read_text() for path in sorted(jobs.glob("*/state.json"))]
        raise AssertionError(f"shown: {shown!r}; lying in the folders: {lying}") from error


def test_upload_match_listen_turn_and_download(opened, studio, files, tmp_path):
    drop_both(opened, files)
    search(opened, 8)
    job_in(opened, "done").wait_for()
    title = opened.locator("#progress .fx-title")
    assert re.fullmatch(r"we_?t.*amp.*\.wav from dry\.wav: done", title.inner_text())
    assert title.locator("b").count() == 2  # its own, no stranger's

    with opened.expect_download() as download:
        opened.get_by_role("link", name="preset.json", exact=True).click()
    download.value.save_as(tmp_path / "preset.json")
    Preset.load(tmp_path / "preset.json")
    for name in ("board.py", "matched.wav", "report.html"):
        with opened.expect_download() as download:
            opened.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == name

    report = opened.frame_locator("#result iframe")
    report.get_by_role("button", name="Play", exact=True).click()
    report.get_by_role("button", name="Pause").wait_for()
    report.get_by_role("radio", name="Matched").check()

    knob = opened.locator("#knobs .fx-knob:visible")
    knob.first.wait_for()
    opened.get_by_label("Effect", exact=True).click()
    opened.get_by_role("option").filter(has_text="distortion").click()
    until(lambda: [text[:6] for text in knob.all_inner_texts()] == ["drive:"])
    before = knob.inner_text()
    knob.locator("input[type=range]").press("ArrowRight")
    until(lambda: knob.inner_text() != before)
    opened.locator("#save").click()
    until(lambda: list(studio[1].glob("*/turned/board.py")))
    (saved,) = studio[1].glob("*/turned/preset.json")
    (found,) = studio[1].glob("*/result/preset.json")
    assert Preset.load(saved).values.tolist() != Preset.load(found).values.tolist()
    assert serious_problems(opened) == []

    opened.reload()  # leaving the page loses nothing
    job_in(opened, "done").wait_for()
    opened.locator("#result iframe").wait_for()
    opened.emulate_media(color_scheme="dark")
    opened.reload()
    opened.locator("#result iframe").wait_for()
    assert serious_problems(opened) == []


def test_a_bad_upload_gets_one_clear_line(opened, files):
    said = opened.locator("#said [role=alert]")
    opened.locator("#go").click()
    said.filter(has_text="there is no dry recording yet").wait_for()
    drop(opened, "dry", files / "letter.wav")
    said.filter(has_text="letter.wav: this is not an audio file").wait_for()
    drop(opened, "wet", files / "large.wav")
    said.filter(has_text="large.wav: 2 MB are too much; a file may have 2 MB").wait_for()


def test_several_jobs_queue_and_stop_keeps_the_best(opened, studio, files):
    drop_both(opened, files)
    search(opened, 600)
    opened.get_by_text("the best so far lies").wait_for()
    opened.locator("#go").click()
    job_in(opened, "queued").wait_for()
    assert "1 before it" in opened.locator("#progress .fx-title").inner_text()
    opened.locator("#stop").click()
    job_in(opened, "stopped").wait_for()
    assert opened.get_by_text("stopped before it began").is_visible()

    opened.get_by_label("Jobs, the newest first").click()
    opened.get_by_role("option").nth(1).click()
    job_in(opened, "running").wait_for()
    opened.locator("#stop").click()
    until_stopped(opened, studio[1])
    opened.locator("#result iframe").wait_for()
    newest = sorted(path.name for path in studio[1].iterdir() if path.name[0] != ".")[-2]
    metrics = json.loads((studio[1] / newest / "result" / "metrics.json").read_text())
    assert any("stopped early" in warning for warning in metrics["warnings"])


SLOW = """
import time
from fxchain.cli import main
from fxchain.studio.actions import Studio

poll = Studio.poll

def slowly(*asked):
    seen = poll(*asked)
    time.sleep(0.6)
    return seen

Studio.poll = slowly
main()
"""


def test_a_new_job_is_chosen_while_the_page_looks_at_the_last(page, files, complaints, tmp_path):
    """What was seen before a job began arrives after it, and must not take its choice back."""
    page.set_default_timeout(60_000)
    with running(tmp_path / "jobs", SLOW) as address:
        page.goto(address)
        drop_both(page, files)
        search(page, 600)
        page.get_by_text("the best so far lies").wait_for()
        for before in (1, 2, 3):
            page.locator("#go").click()
            place = page.locator("#progress .fx-title").filter(has_text=f"{before} before it")
            place.wait_for()
            page.wait_for_timeout(1_500 + 200 * before)  # any moment between two looks
            assert place.is_visible()
            assert "(waiting)" in page.locator("#jobs input").input_value()
        assert page.locator(".toast-body").count() == 0
        complaints.expected = CUT_OFF  # from here on: a look may be under way
        page.goto("about:blank")


def test_a_style_is_taken_over(opened, studio, files):
    opened.get_by_label("Another recording that it should sound like").check()
    opened.get_by_label("How much, %").first.wait_for()
    assert not opened.get_by_label("Stages").is_visible()
    opened.locator("#go").click()
    said = opened.locator("#said [role=alert]")
    said.filter(has_text="there is no input recording yet").wait_for()
    drop(opened, "dry", files / "dry.wav")
    drop(opened, "wet", files / WET)
    opened.locator("#seconds input[type=number]").fill("2")
    opened.locator("#seconds input[type=number]").blur()
    opened.locator("#go").click()
    opened.locator("#progress .fx-job[data-state=done]").filter(
        has_text="dry.wav like we"
    ).wait_for()
    opened.locator("#result iframe").wait_for()
    newest = max(path for path in studio[1].iterdir() if path.name[0] != ".")
    assert json.loads((newest / "job.json").read_text())["task"] == "transfer"
    assert json.loads((newest / "result" / "metrics.json").read_text())["settings"]["amount"] == 100
    assert serious_problems(opened) == []


@pytest.mark.parametrize(
    "path", ["jobs/../x", "jobs/x/preset.json", "jobs/%2e%2e/preset.json", "docs"]
)
def test_only_results_are_given_away(page, studio, path):
    reply = page.request.get(studio[0] + path)
    assert reply.status in (400, 403, 404) or "fxchain studio" in reply.text()
    assert "root:" not in reply.text()


def test_another_site_cannot_reach_it_by_its_own_name(page, studio):
    reply = page.request.get(studio[0], headers={"Host": "evil.example"})
    assert reply.status == 400


def test_a_port_that_is_taken_is_one_line(studio):
    port = studio[0].rsplit(":", 1)[1].strip("/")
    command = [
        sys.executable, "-c", "from fxchain.cli import main; main()", "studio", "--no-open",
        "--jobs", os.devnull + "-jobs", "--port", port,
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 2 and ended.stdout == ""
    assert ended.stderr.count("\n") == 1 and "choose another with --port" in ended.stderr
