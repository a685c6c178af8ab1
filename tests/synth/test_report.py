"""The page of a patch shows sources, distances, curves, the piano roll and both recordings."""

import numpy as np
import pytest

from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.curves import drum_curves, voice_curves
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.harmonic_tracks import harmonic_levels, harmonic_picture
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.report import piano_roll, report_page

RATE = 22_050
NOTES = (Note(0.0, 0.3, 57.0, 1.0), Note(0.4, 0.3, 60.0, 0.5))
PATCH = Patch.model_validate({"sources": [{"source": "saw"}, {"source": "sine", "octave": -1}]})
METRICS = {
    "fitted": {
        "seconds": [0.0, 0.35],
        "mel_spectral_distance_db": 0.42,
        "esr_without_noise_of_the_voice": 0.003,
    },
    "not_fitted": {"seconds": [0.35, 1.0], "mel_spectral_distance_db": 0.77},
    "two_draws_of_the_noise_db": 0.0,
    "warnings": ["take.wav: <odd>"],
    "version": "1",
}


def page(name="take.wav"):
    samples = render_patch(PATCH, NOTES, RATE, RATE)
    audio = (from_array(samples, RATE, name), np.asarray(0.5 * samples))
    curves = voice_curves(PATCH, NOTES, samples[0], 0.5 * samples[0], RATE)
    return report_page(PATCH, NOTES, METRICS, audio, curves)


def test_the_page_has_figures_curves_and_both_recordings():
    text = page()
    for each in (
        "sine -1 octave",
        "0.42 dB",
        "0.77 dB",
        "0.0030",
        "Piano roll",
        "Low-pass",
        "Harmonics of the longest note",
        "Two periods of the sum of the sources",
    ):
        assert each in text
    assert text.count("<polyline") > 10
    assert "matched.wav" in text
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org", "")


def test_names_are_escaped_and_equal_matches_give_equal_pages():
    text = page("<script>.wav")
    assert "<script>.wav" not in text
    assert "&lt;odd&gt;" in text
    assert text == page("<script>.wav")


def test_the_piano_roll_tells_fitted_notes_from_others():
    drawing = piano_roll(NOTES, METRICS).drawing
    assert 'class="strong series-0"' in drawing
    assert 'class="strong series-1"' in drawing


def test_a_drum_shows_its_sweep():
    drum = DrumPatch.model_validate(
        {"sources": [{"source": "swept_sine"}, {"source": "noise_burst", "weight": 0.5}]}
    )
    assert [title for title, _ in drum_curves(drum)] == ["Levels of the sources", "Sweep"]


def test_harmonics_have_the_levels_at_which_they_are_played():
    note = Note(0.2, 0.5, 57.0, 1.0)
    times = np.arange(RATE) / RATE
    steady = 0.8 * np.sin(2.0 * np.pi * 220.0 * times) + 0.1 * np.sin(2.0 * np.pi * 660.0 * times)
    moments, levels = harmonic_levels(steady, RATE, note)
    assert moments[-1] < 0.5
    assert np.allclose(levels, [0.8, 0.0, 0.1, 0.0], atol=0.01)


@pytest.mark.parametrize("seconds", [0.0, 1e-3])
def test_the_harmonics_of_the_shortest_note_are_drawn(seconds):
    note = Note(0.0, seconds, 57.0, 1.0)
    tone = 0.8 * np.sin(2.0 * np.pi * 220.0 * np.arange(RATE) / RATE)
    moments, levels = harmonic_levels(tone, RATE, note)
    assert list(moments) == [0.0]
    assert levels.shape == (1, 4) and levels.argmax() == 0
    assert "<svg" in harmonic_picture(note, tone, tone, RATE).drawing
