"""The page in a browser: playing, switching, the keyboard, the eye and the screen reader."""

import time

import pytest

from tests.browsing import serious_problems

#: Remembers what the page asks of the browser's audio, without changing it.
OBSERVED = """
window.observed = { starts: [], gains: [], analyser: null };
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when, offset) {
  observed.starts.push({ when, offset, seconds: this.buffer.duration, loop: this.loop });
  return start.call(this, when, offset);
};
const ramp = AudioParam.prototype.linearRampToValueAtTime;
AudioParam.prototype.linearRampToValueAtTime = function (value, end) {
  observed.gains.push({ value, seconds: end });
  return ramp.call(this, value, end);
};
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...more) {
  if (target instanceof AudioDestinationNode) {
    observed.context = this.context;
    observed.analyser = this.context.createAnalyser();
    observed.analyser.fftSize = 8192;
    connect.call(this, observed.analyser);
  }
  return connect.call(this, target, ...more);
};
window.levelNow = () => {
  const heard = new Float32Array(observed.analyser.fftSize);
  observed.analyser.getFloatTimeDomainData(heard);
  return Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length);
};
window.longestSilence = () => {
  const heard = new Float32Array(observed.analyser.fftSize);
  observed.analyser.getFloatTimeDomainData(heard);
  let longest = 0;
  let run = 0;
  for (const x of heard) {
    run = Math.abs(x) < 1e-7 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
};
"""


@pytest.fixture(scope="module")
def file(html, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(page, file):
    """The report, opened as by a double click, its audio observed."""
    page.add_init_script(OBSERVED)
    page.goto(file)
    return page


def until(happens):
    """Wait for something; the page's policy forbids Playwright's own way of waiting for it."""
    end = time.monotonic() + 20.0
    while not happens():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def position(page):
    return float(page.locator(".seek").input_value())


def chosen(page):
    return page.locator("input[type=radio]:checked").get_attribute("value")


def starts(page):
    return page.evaluate("observed.starts")


def play(page):
    page.get_by_role("button", name="Play", exact=True).click()
    until(lambda: position(page) > 0.05)


def test_all_tracks_start_together_and_go_on_when_another_is_chosen(opened):
    play(opened)
    first = starts(opened)
    assert len(first) == 4
    for key in ("when", "offset", "loop"):
        assert len({one[key] for one in first}) == 1, key
    before = position(opened)
    for key in ("dry", "matched", "difference", "wet"):
        opened.locator(f"input[value={key}]").check()
        assert chosen(opened) == key
    assert starts(opened) == first  # nothing was started anew: no gap
    until(lambda: position(opened) > before)
    assert opened.get_by_role("button", name="Pause").get_attribute("aria-pressed") == "true"


def test_switching_leaves_no_gap_in_what_is_heard(opened):
    opened.locator(".seek").fill("1.0")
    play(opened)
    until(lambda: opened.evaluate("levelNow()") > 1e-3)

    def without_gap():
        """Switch once; a loaded machine may drop out, a gap of the page's comes every time."""
        other = {"wet": "matched", "matched": "wet"}[chosen(opened)]
        opened.locator(f"input[value={other}]").check()
        opened.wait_for_timeout(60)
        return opened.evaluate("longestSilence()") < 64

    until(without_gap)
    until(without_gap)


def test_the_difference_is_much_softer_and_can_be_lifted(opened):
    opened.locator(".seek").fill("1.0")
    play(opened)
    opened.wait_for_timeout(300)
    wet = opened.evaluate("levelNow()")
    opened.locator("input[value=difference]").check()
    opened.wait_for_timeout(300)
    difference = opened.evaluate("levelNow()")
    assert 0.0 < difference < 0.3 * wet
    opened.get_by_label("Lift the difference").check()
    until(lambda: opened.evaluate("levelNow()") > 2.0 * difference)


def test_the_same_loudness_can_be_switched_off(opened):
    play(opened)
    opened.locator("input[value=dry]").check()
    gains = opened.evaluate("observed.gains.slice(-4).map((one) => one.value)")
    opened.get_by_label("Same loudness").uncheck()
    after = opened.evaluate("observed.gains.slice(-4).map((one) => one.value)")
    assert gains[0] != after[0] and gains[1:] == after[1:] == [0, 0, 0]


def test_the_keyboard_plays_chooses_and_moves(opened):
    press = opened.keyboard.press
    press("Space")
    until(lambda: position(opened) > 0.05)
    assert opened.get_by_role("button", name="Pause").is_visible()
    press("3")
    assert chosen(opened) == "matched"
    press("x")
    assert chosen(opened) == "wet"
    press("X")
    assert chosen(opened) == "matched"
    press("9")
    assert chosen(opened) == "matched"
    before = position(opened)
    press("ArrowRight")
    assert position(opened) >= before + 0.9
    press("Space")
    assert opened.get_by_role("button", name="Play", exact=True).is_visible()
    rest = position(opened)
    press("ArrowLeft")
    assert position(opened) == pytest.approx(rest - 1.0, abs=0.05)


def test_keys_do_not_get_in_the_way_of_the_controls(opened):
    opened.get_by_role("button", name="Play", exact=True).focus()
    opened.keyboard.press("Space")  # the button itself, once
    until(lambda: position(opened) > 0.05)
    opened.get_by_label("Repeat").focus()
    opened.keyboard.press("Space")
    assert not opened.get_by_label("Repeat").is_checked()
    assert opened.get_by_role("button", name="Pause").is_visible()


def test_clicks_on_a_picture_and_the_held_out_part_move_the_position(opened):
    sight = opened.locator(".sight").nth(2)
    box = sight.bounding_box()
    sight.click(position={"x": box["width"] / 2, "y": 20})
    assert position(opened) == pytest.approx(3.0, abs=0.05)
    opened.get_by_role("button", name="Play the held-out part").click()
    until(lambda: position(opened) > 4.8)
    assert starts(opened)[-1]["offset"] == pytest.approx(4.8, abs=0.05)


def test_without_repeat_it_ends(opened):
    opened.get_by_label("Repeat").uncheck()
    opened.locator(".seek").fill("5.7")
    opened.get_by_role("button", name="Play", exact=True).click()
    until(lambda: starts(opened))
    until(lambda: opened.get_by_role("button", name="Play", exact=True).is_visible())
    assert position(opened) == 0.0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_people_of_all_kinds_can_use_it(page, file, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(file)
    assert serious_problems(page) == []
    # A phone does not have to scroll sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hostile_name_runs_nothing(page, found, tmp_path):
    from fxchain.report.page import render_report
    from tests.report.cases import HOSTILE
    from tests.report.test_page import hostile

    path = tmp_path / "hostile.html"
    path.write_text(render_report(hostile(found).content()), encoding="utf-8")
    page.on("dialog", lambda dialog: pytest.fail("a program of a stranger ran"))
    page.goto(path.as_uri())
    assert page.locator("h1").text_content() == HOSTILE
    assert page.locator("img[src=x]").count() == 0
    play(page)
