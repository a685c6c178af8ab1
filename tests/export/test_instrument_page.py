"""`fxchain export PATCH --format web`: the page in Chromium plays the notes of the patch."""

import numpy as np
import pytest

from fxchain.metrics.scores import null_depth_db
from fxchain.synth.play import render_patch
from tests.browsing import serious_problems
from tests.export.test_web_page import browser, opened  # noqa: F401
from tests.native.hit_drums import a_kit, kick
from tests.native.played_notes import EFFECTS, NOTES, as_notes, key_events, two_sources

# the first time ever, the compiler makes its own C++ library too, which takes minutes
pytestmark = pytest.mark.timeout(900)

RENDER = """async ([events, length, rate]) => {
  const context = new OfflineAudioContext(2, length, rate);
  const node = await makeNode(context, 0);
  for (const [frame, key, velocity] of events)
    node.port.postMessage({ midi: [0x90, key, velocity], frame });
  node.connect(context.destination);
  await new Promise((done) => setTimeout(done, 300));
  const made = await context.startRendering();
  return [0, 1].map((c) => Array.from(made.getChannelData(c)));
}"""


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("effects", [None, EFFECTS], ids=["dry", "effects"])
def test_the_page_plays_the_notes_at_their_samples(opened, effects, rate):  # noqa: F811
    patch = two_sources(effects)
    wanted = render_patch(patch, as_notes(NOTES, rate), rate)
    events = [[at, key, round(127 * velocity)] for at, key, velocity in key_events(NOTES)]
    page = opened(patch)
    made = np.array(page.evaluate(RENDER, [events, wanted.shape[1], rate]), np.float32)
    np.testing.assert_array_equal(made[0], made[1])
    assert null_depth_db(made[:1], wanted) <= -100.0


def test_keys_are_played_with_the_keyboard_and_the_pointer(opened):  # noqa: F811
    page = opened(two_sources())
    pressed = page.locator("#keys [aria-pressed=true]")
    page.keyboard.down("a")
    page.get_by_text("The preset adds no latency").wait_for()
    page.wait_for_function("document.getElementById('meter-out').value > -50")
    assert pressed.inner_text() == "C4"
    page.keyboard.up("a")
    assert pressed.count() == 0
    page.get_by_role("button", name="Octave down").press("Enter")
    page.get_by_role("button", name="F♯3").hover()
    page.mouse.down()
    assert pressed.inner_text() == "F♯3"
    page.mouse.up()
    assert pressed.count() == 0
    page.get_by_role("button", name="G3", exact=True).focus()
    page.keyboard.down("Enter")
    assert pressed.inner_text() == "G3"
    page.keyboard.up("Enter")
    page.get_by_role("button", name="Stop").press("Enter")
    page.get_by_text("Stopped.").wait_for()


def test_the_keys_of_a_kit_are_shown_first(opened):  # noqa: F811
    kit = a_kit()
    page = opened(kit)
    lowest = min(each.key for each in kit.drums)
    shown = page.locator("#keys button").evaluate_all("each => each.map((k) => +k.dataset.key)")
    assert lowest in shown and shown[0] % 12 == 0
    assert opened(kick()).locator("#keys button").first.inner_text() == "C4"


def test_knobs_of_sources_and_voice_are_turned(opened):  # noqa: F811
    page = opened(two_sources(EFFECTS))
    legends = page.locator("legend").all_inner_texts()
    assert legends[:3] == ["sources[0] (saw)", "sources[1] (pulse)", "voice"]
    assert page.get_by_label("width").first.get_attribute("aria-valuetext").strip() == "0.3"
    assert (
        page.get_by_label("cutoff_frequency_hz").first.get_attribute("aria-valuetext") == "600 Hz"
    )
    assert not serious_problems(page)
