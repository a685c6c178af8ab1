"""Written audio holds exactly what was given, or nothing is written."""

import os
import time

import numpy as np
import pytest
import soundfile

from fxchain.data import signals
from fxchain.errors import OutputError
from fxchain.files import audio_output
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import check_audio_target, create_audio, write_audio

RATE = 44_100


@pytest.mark.parametrize("extension", ["wav", "WAV", "w64"])
@pytest.mark.parametrize("channels", [1, 2])
def test_floats_come_back_bit_for_bit(tmp_path, extension, channels):
    path = tmp_path / f"a.{extension}"
    loud = 4 * signals.white_noise(2.0, RATE, channels=channels)
    write_audio(path, loud, RATE)
    audio = read_audio(path)
    np.testing.assert_array_equal(audio.samples, loud)
    assert audio.sample_rate == RATE
    assert soundfile.info(path).subtype == "FLOAT"


@pytest.mark.parametrize(
    ("extension", "subtype"), [("flac", "PCM_24"), ("ogg", "VORBIS"), ("mp3", "MPEG_LAYER_III")]
)
def test_other_formats_by_extension(tmp_path, extension, subtype):
    path = tmp_path / f"a.{extension}"
    write_audio(path, signals.sine(0.5, RATE), RATE)
    assert soundfile.info(path).subtype == subtype
    assert np.abs(read_audio(path).samples).max() == pytest.approx(0.5, abs=0.05)


def test_another_encoding_may_be_asked_for(tmp_path):
    write_audio(tmp_path / "a.wav", signals.sine(0.1, RATE), RATE, encoding="PCM_24")
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_24"
    with pytest.raises(OutputError, match=r"FLAC cannot hold .* as FLOAT .*write a \.wav file"):
        write_audio(tmp_path / "a.flac", signals.sine(0.1, RATE), RATE, encoding="FLOAT")
    assert os.listdir(tmp_path) == ["a.wav"]


@pytest.mark.parametrize("extension", ["wav", "w64", "flac", "mp3"])
def test_equal_samples_are_equal_bytes(tmp_path, extension):
    sine = signals.sine(0.1, RATE)
    contents = []
    for name in ("a", "b"):
        write_audio(tmp_path / f"{name}.{extension}", sine, RATE)
        contents.append((tmp_path / f"{name}.{extension}").read_bytes())
        time.sleep(1.05)  # the time that libsndfile would write has whole seconds
    assert contents[0] == contents[1]


def test_blocks_of_any_length_make_one_file(tmp_path):
    noise = signals.white_noise(1.0, RATE, channels=2)
    with create_audio(tmp_path / "a.wav", RATE, 2) as writer:
        for part in np.split(noise, [0, 1, 5_000, 40_000], axis=1):
            writer.write(part)
        assert not (tmp_path / "a.wav").exists()
    write_audio(tmp_path / "b.wav", noise, RATE)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


@pytest.mark.parametrize("extension", ["flac", "ogg", "mp3"])
def test_a_format_that_would_clip_refuses(tmp_path, extension):
    with pytest.raises(OutputError, match=r"peaks 6\.02 dB above full scale.*\.wav"):
        write_audio(tmp_path / f"a.{extension}", np.float32([[0.0, -2.0]]), RATE)
    assert os.listdir(tmp_path) == []


def test_full_scale_itself_is_not_clipped(tmp_path):
    write_audio(tmp_path / "a.flac", np.float32([[1.0, -1.0]]), RATE)
    np.testing.assert_allclose(read_audio(tmp_path / "a.flac").samples, [[1, -1]], atol=2e-7)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_interrupted_file_is_not_there(tmp_path, error):
    with pytest.raises(error), create_audio(tmp_path / "a.wav", RATE, 1) as writer:
        writer.write(signals.sine(0.1, RATE))
        raise error
    assert os.listdir(tmp_path) == []


def test_an_existing_file_needs_force(tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        write_audio(path, signals.sine(0.1, RATE), RATE)
    with pytest.raises(OutputError, match="not finite"):
        write_audio(path, np.float32([[np.nan]]), RATE, force=True)
    assert path.read_text() == "precious"
    write_audio(path, signals.sine(0.1, RATE), RATE, force=True)
    assert read_audio(path).length == 4_410


@pytest.mark.parametrize("name", ["a.xyz", "a", "wav"])
def test_an_unknown_extension_names_the_known_ones(tmp_path, name):
    with pytest.raises(OutputError, match=r"use one of \.flac, \.mp3, \.ogg, \.w64, \.wav"):
        check_audio_target(tmp_path / name)


def test_a_rate_the_format_does_not_know(tmp_path):
    with pytest.raises(OutputError, match=r"MP3 cannot hold .* at 96000 Hz .*write a \.wav file"):
        write_audio(tmp_path / "a.mp3", signals.sine(0.1, 96_000), 96_000)
    assert os.listdir(tmp_path) == []


def test_a_block_of_the_wrong_shape(tmp_path):
    with (
        pytest.raises(OutputError, match=r"shape \(1, 4\) does not fit a file of 2 channel"),
        create_audio(tmp_path / "a.wav", RATE, 2) as writer,
    ):
        writer.write(np.zeros((1, 4)))


def test_a_wav_file_that_would_overflow_its_header(tmp_path, monkeypatch):
    monkeypatch.setattr(audio_output, "LARGEST_WAV_BYTES", 4 * 99)
    write_audio(tmp_path / "fits.wav", np.zeros((1, 99)), RATE)
    with pytest.raises(OutputError, match=r"longer than a WAV file can be; write a \.w64 file"):
        write_audio(tmp_path / "long.wav", np.zeros((1, 100)), RATE)
    write_audio(tmp_path / "long.w64", np.zeros((1, 100)), RATE)
    assert sorted(os.listdir(tmp_path)) == ["fits.wav", "long.w64"]
