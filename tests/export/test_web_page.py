"""`fxchain export --format web`: the page in Chromium plays what the board plays."""

import base64
import importlib.util

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.data.presets import decaying_noise
from fxchain.data.signals import white_noise
from fxchain.metrics.scores import null_depth_db
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect
from tests.browsing import Complaints, chromium, options, serious_problems
from tests.native import macro_preset
from tests.native.equal import assert_equal_samples
from tests.native.test_vst3 import hidden

# the first time ever, the compiler makes its own C++ library too, which takes minutes
pytestmark = pytest.mark.timeout(900)

RATE = 44_100
NODE = {
    "chain": [
        {"primitive": "low_shelf_filter", "parameters": {"gain_db": 4.0}},
        {"primitive": "distortion", "parameters": {"drive_db": 12.0}},
        {
            "mix": [
                {"weight": 0.6, "chain": []},
                {"weight": -0.5, "chain": [{"primitive": "delay"}]},
            ]
        },
        {"primitive": "compressor"},
        {"primitive": "phaser"},
        {"primitive": "reverb"},
    ]
}
RENDER = """async ([frames, channels, rate, turn]) => {
  const bytes = Uint8Array.from(atob(frames), (c) => c.charCodeAt(0));
  const samples = new Float32Array(bytes.buffer);
  const length = samples.length / channels;
  const context = new OfflineAudioContext(channels, length, rate);
  const buffer = context.createBuffer(channels, length, rate);
  for (let c = 0; c < channels; c++)
    buffer.copyToChannel(samples.subarray(c * length, (c + 1) * length), c);
  const node = await makeNode(context, channels);
  if (turn) node.port.postMessage(turn);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(node).connect(context.destination);
  if (turn) await new Promise((done) => setTimeout(done, 300));
  source.start();
  const made = await context.startRendering();
  return Array.from({ length: channels }, (_, c) => Array.from(made.getChannelData(c)));
}"""


@pytest.fixture(scope="module")
def browser(driver):
    """Return Chromium with a made-up microphone; skip where something is missing."""
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("ziglang is not installed")
    if chromium() is None:
        pytest.skip("Chromium is not installed")
    started = options(chromium())
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    started["args"] += [*fake, "--autoplay-policy=no-user-gesture-required"]
    opened = driver.chromium.launch(**started)
    yield opened
    opened.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Return a function that exports a preset and opens the page."""
    complaints, pages = Complaints(), []

    def open_page(preset):
        preset.save(tmp_path / "a.json", force=True)
        arguments = ["export", tmp_path / "a.json", "--format", "web", "--out", tmp_path / "a.html"]
        done = CliRunner().invoke(app, [*map(str, arguments), "--force"])
        assert done.exit_code == 0, done.output
        page = browser.new_page()
        complaints.watch(page)
        page.goto((tmp_path / "a.html").as_uri())
        pages.append(page)
        return page

    yield open_page
    assert not complaints.found
    for page in pages:
        page.close()


def preset_of(node):
    stage, values, _ = parse_chain(node, "a.json")
    return Preset(stage, values, RATE)


def played(page, audio, rate, turn=None):
    frames = base64.b64encode(np.asarray(audio, "<f4").tobytes()).decode()
    return np.array(page.evaluate(RENDER, [frames, len(audio), rate, turn]), np.float32)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    "made", [lambda: preset_of(NODE), lambda: hidden(2)], ids=["mix", "hidden"]
)
def test_the_page_plays_what_the_board_plays(opened, made, rate, channels):
    preset = made()
    audio = 0.4 * white_noise(0.5, rate, channels=channels)
    wanted = preset.board(rate)(audio, rate, reset=True)
    assert_equal_samples(played(opened(preset), audio, rate), wanted)


@pytest.mark.parametrize("rate", [RATE, 32_000])
def test_a_response_on_the_page(opened, rate):
    response = decaying_noise(np.random.default_rng(1), 1, 8_000)
    effect = Effect(REGISTRY["convolution"], {"impulse_response": response})
    preset = Preset(Chain((effect,)), np.array([0.7]), RATE)
    audio = white_noise(0.4, rate, channels=2)
    made = played(opened(preset), audio, rate)
    assert null_depth_db(made, preset.board(rate)(audio, rate, reset=True)) <= -125.0


def test_a_player_that_cannot_start_is_said(opened):
    page = opened(preset_of({"chain": [{"primitive": "gain"}]}))
    page.evaluate("""() => {
      const source = document.getElementById("processor");
      source.textContent = source.textContent.replace(
        "this.player.begin(sampleRate, channels || 1)", "this.player.begin(sampleRate, -1n)");
    }""")
    page.get_by_role("button", name="Live input").press("Enter")
    page.get_by_text("Cannot play: the player could not start").wait_for()


def test_a_turned_knob_is_heard(opened):
    page = opened(preset_of({"chain": [{"primitive": "gain"}]}))
    audio = np.full((1, 4_410), 0.1, np.float32)
    np.testing.assert_allclose(played(page, audio, RATE), 0.1, rtol=1e-6)
    made = played(page, audio, RATE, {"knob": 0, "value": 6.0})
    np.testing.assert_allclose(made[0, -100:], 0.1 * 10**0.3, rtol=1e-5)


def test_a_turned_macro_is_what_the_preset_plays_there(opened):
    preset, audio = macro_preset.preset(), 0.3 * white_noise(0.4, RATE)
    page = opened(preset)
    for number, (name, value) in enumerate(macro_preset.TURNED.items()):
        made = played(page, audio, RATE, {"knob": number, "value": value})
        wanted = preset.with_macros({name: value}).board(RATE)(audio, RATE, reset=True)
        assert null_depth_db(made, wanted) <= -100.0
    assert page.locator("fieldset").first.locator("legend").inner_text() == "Macros"
    assert page.get_by_label("tone").get_attribute("aria-valuetext").strip() == "5"
    assert page.get_by_label("blend").get_attribute("aria-valuetext") == "40 %"
    assert page.locator("input[data-knob]").count() == 4


def test_it_plays_the_live_input_and_is_used_with_the_keyboard(opened):
    page = opened(preset_of(NODE))
    page.get_by_role("button", name="Live input").press("Enter")
    page.get_by_text("The preset adds no latency").wait_for()
    page.wait_for_function("document.getElementById('meter-out').value > -60")
    slider = page.get_by_label("gain_db")
    slider.focus()
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") not in ("", "4 dB")
    slider.press("Home")
    assert slider.get_attribute("aria-valuetext") == "-24 dB"
    page.get_by_role("button", name="B: the knobs").press("Enter")
    assert page.get_by_role("button", name="A: the preset").get_attribute("aria-pressed") == "true"
    page.get_by_label("Bypass").press("Space")
    assert page.get_by_label("Bypass").is_checked()
    page.get_by_role("button", name="Knobs as in the preset").press("Enter")
    assert slider.get_attribute("aria-valuetext") == "4 dB"
    page.get_by_role("button", name="Stop").press("Enter")
    page.get_by_text("Stopped.").wait_for()


def test_nothing_serious_hinders_access_and_the_page_is_small(opened, tmp_path):
    page = opened(preset_of(NODE))
    assert not serious_problems(page)
    assert (tmp_path / "a.html").stat().st_size < 200 * 1024
