"""Drums: what they sound like, and that hidden ones are found."""

import json

import mido
import numpy as np
import pytest
import soundfile
import torch
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.errors import MatchError, PresetError
from fxchain.files.audio_input import from_array
from fxchain.files.audio_output import write_audio
from fxchain.notes.midi_file import read_notes, write_notes
from fxchain.notes.note import Note
from fxchain.optim.budget import Budget
from fxchain.synth.drum.hit import heard_hit
from fxchain.synth.drum.kit import Kit
from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.play import render_drum, render_kit
from fxchain.synth.drum.playing.hits import Part, play_hit
from fxchain.synth.drum.search import search_drum
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.drum.space import DrumSpace
from fxchain.synth.drum.sweep_start import measured_decay_ms, measured_noise, measured_sweep
from fxchain.synth.drum_match import match_drum
from fxchain.synth.drum_script import write_drum_script
from fxchain.synth.options import SynthOptions
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.elimination import eliminate

RATE = 44_100
HIT = (Note(0.0, 0.1, 36.0, 1.0),)
SWEEP = {
    "start_frequency_hz": 400.0,
    "end_frequency_hz": 60.0,
    "sweep_ms": 25.0,
    "decay_ms": 70.0,
}
KICK = DrumPatch.model_validate(
    {"level_db": -6.0, "sources": [{"source": "swept_sine", "parameters": SWEEP}]}
)
BURST = {"centre_frequency_hz": 4_000.0, "bandwidth": 1.0, "decay_ms": 60.0}
SNARE = DrumPatch.model_validate({"sources": [{"source": "noise_burst", "parameters": BURST}]})


@pytest.mark.parametrize("kind", DRUM_SOURCES)
def test_torch_and_numpy_play_the_same(kind):
    source = DRUM_SOURCES[kind]
    values = {spec.name: spec.default for spec in source.parameters}
    drum = DrumPatch.model_validate({"sources": [{"source": kind}]}).drum
    tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()}
    twin = type(drum)(
        (Part(source.sound, torch.tensor(1.0), tensors, source.noisy),), drum.noise_seed
    )
    played, other = (play_hit(xp, each, 0, 4_000, RATE) for xp, each in ((np, drum), (torch, twin)))
    assert np.abs(played).max() > 0.1
    assert np.abs(played - other.numpy()).max() < 1e-9


@pytest.mark.parametrize(("centre_hz", "bandwidth"), [(8_000.0, 1.0), (3_000.0, 8.0)])
def test_noise_is_as_loud_at_any_sample_rate(centre_hz, bandwidth):
    own = {"centre_frequency_hz": centre_hz, "bandwidth": bandwidth, "decay_ms": 1_500.0}
    burst = DrumPatch.model_validate({"sources": [{"source": "noise_burst", "parameters": own}]})
    levels_db = []
    for rate in (22_050, 44_100, 96_000):
        power = np.square(np.abs(np.fft.rfft(render_drum(burst, HIT, rate, 2 * rate)[0])))
        band = slice(2 * 4_000, 2 * 9_000)
        levels_db.append(10.0 * np.log10(power[band].sum() / rate**2))
    assert np.ptp(levels_db) < 0.4


def test_a_swept_sine_begins_and_ends_at_its_frequencies():
    slow = {**SWEEP, "sweep_ms": 50.0, "decay_ms": 2_000.0}
    patch = DrumPatch.model_validate({"sources": [{"source": "swept_sine", "parameters": slow}]})
    played = render_drum(patch, HIT, RATE, RATE)[0]
    crossings = np.flatnonzero((played[:-1] < 0.0) & (played[1:] >= 0.0)) / RATE
    hertz = 1.0 / np.diff(crossings)
    middle = 0.5 * (crossings[1:] + crossings[:-1])
    expected = 60.0 + 340.0 * np.exp(-middle / 0.05)
    assert np.abs(hertz / expected - 1.0).max() < 0.1
    assert hertz[-1] == pytest.approx(60.0, rel=0.01)


def test_a_burst_of_noise_has_its_band_and_its_decay():
    found = measured_noise(render_drum(SNARE, HIT, RATE, RATE)[0], RATE, 500.0, 16_000.0)
    assert found["centre_frequency_hz"] == pytest.approx(4_000.0, rel=0.25)
    assert found["decay_ms"] == pytest.approx(60.0, rel=0.15)
    assert measured_decay_ms(np.exp(-np.arange(RATE) / (0.05 * RATE)), RATE) == pytest.approx(
        50.0, rel=0.01
    )


def test_a_sweep_is_measured_in_closed_form():
    found = measured_sweep(render_drum(KICK, HIT, RATE, RATE)[0].astype(float), RATE, 2_000.0)
    assert found["end_frequency_hz"] == pytest.approx(60.0, rel=0.1)
    assert found["start_frequency_hz"] == pytest.approx(400.0, rel=0.3)
    assert found["sweep_ms"] == pytest.approx(25.0, rel=0.3)
    assert found["decay_ms"] == pytest.approx(70.0, rel=0.2)


def test_a_hidden_kick_is_found():
    stretch, start = heard_hit(from_array(render_drum(KICK, HIT, RATE, RATE // 3), RATE))
    assert start == pytest.approx(0.0, abs=1e-3)
    found = search_drum(stretch, Budget(steps=60), 1)
    assert found.esr < 0.02
    patch = found.space.patch(found.cube)
    sweep = max(patch.sources, key=lambda each: each.weight)
    assert sweep.source == "swept_sine"
    assert sweep.parameters["end_frequency_hz"] == pytest.approx(60.0, rel=0.03)
    assert sweep.parameters["decay_ms"] == pytest.approx(70.0, rel=0.05)


def test_velocity_is_the_level_and_pitch_says_nothing():
    loud = render_drum(KICK, HIT, RATE, 4_000)
    soft = render_drum(KICK, (Note(0.0, 0.5, 60.0, 0.5),), RATE, 4_000)
    assert np.abs(0.5 * loud - soft).max() < 1e-6


def test_commands_write_a_folder_that_plays(tmp_path):
    write_audio(tmp_path / "kick.wav", render_drum(KICK, HIT, RATE, RATE // 4), RATE)
    out = tmp_path / "out"
    words = ["synth", "match", str(tmp_path / "kick.wav"), "--drum", "--out", str(out)]
    done = CliRunner().invoke(app, [*words, "--iterations", "4", "--threads", "1"])
    assert done.exit_code == 0, done.output
    names = {each.name for each in out.iterdir()}
    assert names == {
        "patch.json",
        "play.py",
        "matched.wav",
        "notes.mid",
        "metrics.json",
        "report.html",
    }
    assert json.loads((out / "metrics.json").read_text())["settings"]["iterations"] == 4
    beats = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    for _ in range(2):
        track.append(mido.Message("note_on", channel=9, note=36, velocity=127, time=0))
        track.append(mido.Message("note_off", channel=9, note=36, velocity=0, time=480))
    beats.tracks.append(track)
    beats.save(str(tmp_path / "beat.mid"))
    assert len(read_notes(tmp_path / "beat.mid", drums=True)) == 2
    words = ["synth", "play", str(out / "patch.json"), str(tmp_path / "beat.mid")]
    done = CliRunner().invoke(app, [*words, str(tmp_path / "beat.wav")])
    assert done.exit_code == 0, done.output
    played = soundfile.read(tmp_path / "beat.wav")[0]
    namespace: dict[str, object] = {"__name__": "drum"}
    exec((out / "play.py").read_text(), namespace)
    notes = namespace["read_notes"](str(tmp_path / "beat.mid"))  # type: ignore[operator]
    other = namespace["play"](notes, RATE)[0]  # type: ignore[operator]
    assert np.abs(played).max() > 0.05
    assert np.abs(played - other).max() < 1e-6


@pytest.mark.parametrize("kind", DRUM_SOURCES)
def test_the_script_of_each_source_plays_it(kind):
    patch = DrumPatch.model_validate({"sources": [{"source": kind}]})
    namespace: dict[str, object] = {"__name__": "drum"}
    exec(write_drum_script(patch), namespace)
    played = namespace["play"](HIT, RATE)[0]  # type: ignore[operator]
    assert np.abs(played - render_drum(patch, HIT, RATE)[0]).max() < 1e-6


@pytest.mark.parametrize(
    ("samples", "options", "said"),
    [
        (np.zeros(RATE), {}, "silent"),
        (np.ones(RATE) * 0.1, {"chain": "default"}, "--chain"),
    ],
)
def test_what_cannot_be_searched_is_refused(samples, options, said):
    with pytest.raises(MatchError, match=said):
        match_drum(from_array(samples, RATE, "kick.wav"), SynthOptions(iterations=1, **options))


def test_a_drum_is_no_voice():
    with pytest.raises(PresetError, match="this is no patch"):
        DrumPatch.from_document({"format": "fxchain-patch"}, "patch.json")
    with pytest.raises(PresetError, match=r"sources\.0\.source"):
        DrumPatch.from_document(
            {"format": "fxchain-drum", "sources": [{"source": "gong"}]}, "patch.json"
        )


def test_a_kit_is_written_of_drums_and_played_by_their_keys(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, drum in (("kick.json", KICK), ("snare.json", SNARE)):
        drum.save(name)
    run = CliRunner().invoke
    made = run(app, ["synth", "kit", "kit.json", "36=kick.json", "38=snare.json"])
    assert made.exit_code == 0 and "2 drums" in made.output
    notes = (Note(0.0, 0.1, 36.0, 1.0), Note(0.5, 0.1, 38.0, 1.0), Note(0.75, 0.1, 39.0, 1.0))
    write_notes("notes.mid", notes)
    assert run(app, ["synth", "play", "kit.json", "notes.mid", "kit.wav"]).exit_code == 0
    played, rate = soundfile.read("kit.wav", dtype="float32")
    kick, snare = (
        render_drum(drum, read_notes("notes.mid")[place : place + 1], rate)[0]
        for place, drum in ((0, KICK), (1, SNARE))
    )
    np.testing.assert_array_equal(played[: rate // 2], kick[: rate // 2])
    assert np.abs(played[rate // 2 : len(snare)] - snare[rate // 2 :]).max() < 1e-3
    shown = run(app, ["show", "kit.json"])
    assert "key 38 (D2) noise_burst" in shown.output.replace("\n", " ")


def test_two_drums_on_one_key_and_notes_on_none_are_refused():
    twice = {"drums": [{"key": 36, "drum": KICK}] * 2}
    with pytest.raises(PresetError, match=r"kit\.json: Value error, two drums are on one key"):
        Kit.from_document({"format": "fxchain-kit", **twice}, "kit.json")
    kit = Kit.model_validate({"drums": [{"key": 36, "drum": KICK}]})
    with pytest.raises(MatchError, match="has 36"):
        render_kit(kit, (Note(0.0, 0.1, 40.0, 1.0),), RATE)


def test_a_drum_whose_only_tone_is_tried_without_it_keeps_its_noise():
    """Without its tone no coordinate of it moves by the waveform."""
    both = DrumPatch.model_validate(
        {"sources": [*KICK.model_dump()["sources"], {**SNARE.model_dump()["sources"][0]}]}
    )
    hit, _ = heard_hit(from_array(render_drum(both, HIT, RATE, RATE // 4), RATE))
    space = DrumSpace((("swept_sine", 0), ("noise_burst", 0)), level=2.0)
    cube = space.start()
    cube[space.weights] = 0.5
    error = AudioError(hit, space)
    smaller, found = eliminate(error, cube, Budget(steps=4), locked=True)
    assert ("noise_burst", 0) in smaller.space.sources and np.isfinite(found).all()
    assert found[smaller.space.weights][-1] > 0.0


def test_of_two_bursts_of_noise_that_are_one_the_other_becomes_louder():
    sources = [
        {"source": "swept_sine", "weight": 0.8, "parameters": SWEEP | {"decay_ms": 150.0}},
        {"source": "noise_burst", "parameters": BURST},
    ]
    patch = DrumPatch.model_validate({"noise_seed": 9, "sources": sources})
    hit = heard_hit(from_array(render_drum(patch, HIT, RATE, RATE // 2), RATE))[0]
    space = DrumSpace((("swept_sine", 0), ("noise_burst", 0), ("noise_burst", 1)), level=4.0)
    values = [SWEEP | {"decay_ms": 150.0, "phase_drive": 0.0}, BURST, BURST]
    cube = []
    for weight, controls, each in zip(
        (0.8, 0.5**0.5, 0.5**0.5), values, space.sources, strict=True
    ):
        specs = DRUM_SOURCES[each[0]].parameters
        cube += [weight / 4.0, *(spec.normalize(controls[spec.name]) for spec in specs)]
    error = AudioError(hit, space)
    smaller, found = eliminate(error, np.array(cube), Budget(steps=40), locked=True)
    assert [kind for kind, _ in smaller.space.sources] == ["swept_sine", "noise_burst"]
    weights = 4.0 * found[smaller.space.weights]
    assert weights == pytest.approx([0.8, 1.0], rel=0.15)
