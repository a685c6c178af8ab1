"""When echoes come, in closed form."""

import numpy as np
import pytest

from fxchain.synth.instrument.criterion import Followed
from fxchain.synth.instrument.echoes import echo_gains, echo_seconds, similarity

RATE, LATER = 8_000, 1_234
TIMES = np.arange(RATE) / RATE
#: A tone that lasts, with an onset and an end.
TONE = np.sin(2.0 * np.pi * 220.0 * TIMES) * ((TIMES > 0.05) & (TIMES < 0.6))


def delayed(samples):
    return np.concatenate([np.zeros(LATER), samples[:-LATER]])


def test_of_a_tone_that_lasts_the_echo_that_others_cannot_make_up_for_gains_most():
    other = np.cos(2.0 * np.pi * 220.0 * TIMES) * (TONE != 0.0)
    followed = Followed(np.stack([TONE, other], axis=1))
    left = -0.2 * delayed(TONE)  # what is played less the recording
    gains = echo_gains(left, TONE, followed)
    assert int(np.argmax(gains)) == LATER
    of_others = float(np.square(left).sum() - np.square(followed(left)).sum())
    assert of_others > 0.1 * np.square(left).sum()  # the tone alone takes a part of the echo away
    assert gains[LATER] == pytest.approx(float(np.square(followed(left)).sum()), rel=0.02)


def test_an_echo_of_noise_is_found_though_its_draw_is_not_known():
    noise = np.random.default_rng(3).standard_normal(RATE)
    like = similarity(noise + 0.3 * delayed(noise), RATE)
    assert int(np.argmax(like[100:])) + 100 == LATER


@pytest.mark.parametrize("hidden", ["tone", "noise"])
def test_the_time_of_the_echo_is_among_those_returned(hidden):
    noise = 0.5 * np.random.default_rng(4).standard_normal(RATE)
    echo = delayed(TONE if hidden == "tone" else noise)
    left = -noise - 0.3 * echo
    found = echo_seconds(left, TONE, Followed(TONE[:, None]), RATE)
    assert any(abs(each * RATE - LATER) < 1.5 for each in found)


def test_without_others_that_follow_nothing_is_taken_off():
    gains = echo_gains(-0.2 * delayed(TONE), TONE, Followed(np.zeros((RATE, 0))))
    assert int(np.argmax(gains)) == LATER
