"""Numbers with nouns: the singular of one, the plural of all others."""

from types import SimpleNamespace

import numpy as np
import pytest

from fxchain.data.signals import plucked_strings
from fxchain.errors import OutputError
from fxchain.files.audio_output import create_audio
from fxchain.matching.front_chains import beyond_bounds
from fxchain.player import Routing
from fxchain.preset.routing import describe
from fxchain.report import words
from fxchain.report.document import page_of
from fxchain.structure.criterion import Bounds
from fxchain.wording import counted
from tests.recordings.reading import read_pair

RATE = 16_000


@pytest.mark.parametrize("one", [1, np.int64(1), -1])
def test_one_takes_the_singular(one):
    assert counted(one, "place") == f"{one} place"


@pytest.mark.parametrize("many", [0, 2, 11, 21, 101, np.int64(7), 1.0, 1.5, -2])
def test_other_numbers_take_the_plural(many):
    assert counted(many, "place") == f"{many} places"


def test_whole_numbers_drawn_at_random_take_the_plural():
    for number in np.random.default_rng(1).integers(2, 10**6, 20):
        assert counted(number, "sample") == f"{number} samples"


@pytest.mark.parametrize(
    ("late", "said"), [(1, "1 sample ("), (-1, "1 sample ("), (2, "2 samples")]
)
def test_the_latency_of_a_report(late, said):
    ((_, found),) = words.alignment({"latency_samples": late}, RATE)
    assert found.startswith(said)


@pytest.mark.parametrize(("delay", "said"), [(1, ", 1 sample late"), (30, ", 30 samples late")])
def test_the_delay_of_a_routing(delay, said):
    routing = Routing(inputs=((1.0,),), outputs=((1.0,), (1.0,)), delays_samples=(0, delay))
    assert describe(routing)[-1].endswith(said)


@pytest.mark.parametrize("places", [1, 3])
def test_the_places_that_are_cut_off(places):
    dry = plucked_strings(3.0, RATE)
    wet = 0.5 * dry
    for number in range(places):
        wet[:, 8_000 * (number + 1) :][:, :4] = 1.0
    said = " ".join(read_pair(dry, wet, RATE).warnings)
    assert f"full scale in {places} place{'s' * (places > 1)} (" in said


@pytest.mark.parametrize(("knobs", "stages"), [(1, 1), (1, 2), (5, 1), (7, 3)])
def test_the_simplest_chain_beyond_the_bounds(knobs, stages):
    point = SimpleNamespace(
        knobs=knobs, stages=stages, complexity=SimpleNamespace(knobs=knobs, stages=stages)
    )
    (said,) = beyond_bounds(SimpleNamespace(front=(point,), chosen=0), Bounds(knobs=0))
    assert f"with {counted(knobs, 'knob')} and {counted(stages, 'stage')}" in said


@pytest.mark.parametrize("channels", [1, 2])
def test_the_channels_of_a_file(channels, tmp_path):
    wrong = np.zeros((3, 8), np.float32)
    with (
        pytest.raises(OutputError, match=rf"a file of {channels} channel{'s' * (channels > 1)}$"),
        create_audio(tmp_path / "a.wav", RATE, channels) as writer,
    ):
        writer.write(wrong)  # three channels


@pytest.mark.parametrize(
    ("omitted", "said"),
    [
        (0, ""),
        (1, "1 more recording is not on this page; the files beside it hold it."),
        (2, "2 more recordings are not on this page; the files beside it hold them."),
    ],
)
def test_the_recordings_that_a_page_leaves_out(omitted, said):
    page = page_of("players.html.jinja", [], omitted)
    assert said in page and ("not on this page" in page) == (omitted > 0)
