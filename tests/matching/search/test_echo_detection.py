"""Echo times in closed form."""

import numpy as np
import pytest
from pedalboard import Delay, Distortion, PeakFilter, Pedalboard, Reverb

from fxchain.data.signals import plucked_strings
from fxchain.matching.search.echo_detection import echo_times

RATE = 44_100


@pytest.mark.parametrize("samples", [2_460, 8_480, 20_615])
def test_an_echo_is_found_to_the_sample_behind_filters_and_drive(samples: int) -> None:
    dry = plucked_strings(5.0, RATE, seed=1)
    board = Pedalboard(
        [
            PeakFilter(300.0, 8.0, 2.0),
            Distortion(15.0),
            PeakFilter(2_000.0, -6.0, 0.8),
            Delay((samples + 0.5) / RATE, 0.4, 0.35),
            Reverb(room_size=0.5, wet_level=0.2, dry_level=0.4),
        ]
    )
    assert echo_times(dry, board(dry, RATE), RATE)[0][0] == samples


def test_without_an_echo_the_heights_are_low() -> None:
    dry = plucked_strings(3.0, RATE, seed=2)
    found = echo_times(dry, 0.5 * dry, RATE)
    assert all(height < 0.05 for _, height in found)


def test_silence_has_no_echo() -> None:
    silence = np.zeros((1, RATE), dtype=np.float32)
    assert echo_times(silence, silence, RATE) == []
