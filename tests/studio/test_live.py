"""The studio plays a finished job live: a page that is made when it is asked for."""

import html
import importlib.util

import numpy as np
import pytest

from fxchain.preset import Preset, parse_chain
from fxchain.studio.jobs import State, Status
from fxchain.studio.live import live_page_of
from fxchain.studio.views import result
from tests.native import macro_preset
from tests.studio.test_studio import running

# the first time ever, the compiler makes its own C++ library too, which takes minutes
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def finished(made):
    """Return what makes a finished job with a preset."""

    def finish(preset):
        job = made(wet="we't <b>.wav")
        job.result.mkdir()
        preset.save(job.result / "preset.json")
        job.write_status(Status(State.DONE))
        return job

    return finish


def needs_ziglang():
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("ziglang is not installed")


def test_the_page_of_a_result_leads_to_it(finished):
    job = finished(macro_preset.preset())
    assert f'href="/jobs/{job.id}/live" target="_blank"' in result(job)


def test_a_finished_job_becomes_a_page_with_its_macros_as_knobs(finished):
    needs_ziglang()
    job = finished(macro_preset.preset())
    page = live_page_of(job)
    assert page.plays and '"stage": "Macros", "name": "tone"' in page.html
    title = f"The chain of {job.request.names[0]}"
    assert f"<h1>{html.escape(title)}</h1>" in page.html and "<b>" not in page.html


def test_without_a_compiler_one_sentence_says_what_to_install(finished, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    page = live_page_of(finished(macro_preset.preset()))
    assert not page.plays
    assert "install ziglang, as in pip install &#39;fxchain[plugins]&#39;" in page.html


def test_a_stage_that_cannot_be_played_live_is_named(finished):
    stage, values, _ = parse_chain({"primitive": "pitch_shift"}, "b.json")
    page = live_page_of(finished(Preset(stage, values, 44_100)))
    assert not page.plays
    assert "pitch_shift cannot be played live: it needs the future" in page.html


def test_a_browser_plays_it_under_the_policy_of_the_studio(page, complaints, jobs, finished):
    """The worklet starts, and a turned macro changes a tone as the preset says."""
    needs_ziglang()
    job = finished(macro_preset.preset())
    with running(jobs.folder) as address:
        assert page.request.get(f"{address}jobs/none/live").status == 404
        reply = page.goto(f"{address}jobs/{job.id}/live")
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
        check_turned(page)


def check_turned(page):
    level = """async (tone) => {
      const context = new OfflineAudioContext(1, 44100, 44100);
      const node = await makeNode(context, 1);
      node.port.postMessage({ knob: 2, value: tone });
      const source = new OscillatorNode(context, { frequency: 3000 });
      source.connect(node).connect(context.destination);
      await new Promise((done) => setTimeout(done, 300));
      source.start();
      const made = (await context.startRendering()).getChannelData(0).slice(22050);
      return Math.sqrt(made.reduce((sum, each) => sum + each * each, 0) / made.length);
    }"""
    time_s = np.arange(44_100) / 44_100
    tone = np.sin(2.0 * np.pi * 3_000.0 * time_s).astype(np.float32)[None]
    for value in (1.0, 9.0):
        board = macro_preset.preset().with_macros({"tone": value}).board(44_100)
        wanted = board(tone, 44_100, reset=True)[0, 22_050:]
        assert page.evaluate(level, value) == pytest.approx(np.sqrt(np.mean(wanted**2)), rel=1e-3)
