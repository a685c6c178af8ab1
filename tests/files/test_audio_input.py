"""Audio that comes in is checked, and every refusal says what to do."""

import os

import numpy as np
import pytest
import soundfile

from fxchain.data import signals
from fxchain.errors import AudioError
from fxchain.files.audio_input import (
    Audio,
    from_array,
    open_audio,
    read_audio,
    resample,
    to_channels,
)

RATE = 44_100


def save(path, samples, sample_rate=RATE, **how):
    """Write (channels, samples) without any of our checks."""
    soundfile.write(path, samples.T, sample_rate, **how)
    return path


def test_a_file_comes_in_as_pedalboard_takes_it(tmp_path):
    noise = signals.white_noise(0.1, 48_000, channels=2)
    audio = read_audio(save(tmp_path / "a.wav", noise, 48_000, subtype="FLOAT"))
    np.testing.assert_array_equal(audio.samples, noise)
    assert audio.samples.dtype == np.float32
    assert audio.samples.flags.c_contiguous
    assert (audio.channels, audio.length, audio.sample_rate) == (2, 4_800, 48_000)
    assert audio.seconds == 0.1
    assert audio.name == str(tmp_path / "a.wav")


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("channels", [1, 2])
def test_usual_formats(tmp_path, extension, channels):
    sine = np.repeat(signals.sine(0.5, RATE), channels, axis=0)
    audio = read_audio(save(tmp_path / f"a.{extension}", sine))
    assert audio.channels == channels
    assert np.abs(audio.samples).max() == pytest.approx(0.5, abs=0.05)


def test_blocks_are_equal_but_for_the_last(tmp_path):
    noise = signals.white_noise(0.1, RATE, channels=2)
    with open_audio(save(tmp_path / "a.wav", noise, subtype="FLOAT")) as reader:
        assert reader.announced_length == 4_410
        blocks = list(reader.blocks(1_000))
    assert [block.shape for block in blocks] == [(2, 1_000)] * 4 + [(2, 410)]
    assert all(block.flags.c_contiguous for block in blocks)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), noise)


def break_missing(path):
    pass


def break_folder(path):
    path.mkdir()


def break_empty(path):
    path.write_bytes(b"")


def break_text(path):
    path.write_text("this is no recording")


def break_header_only(path):
    save(path, np.zeros((1, 0)))


def break_rate(path):
    save(path, np.zeros((1, 100)), 8_000)


def break_channels(path):
    save(path, np.zeros((3, 100)))


@pytest.mark.parametrize(
    ("break_file", "message"),
    [
        (break_missing, "there is no such file; check the name"),
        (break_folder, "this is a folder; give the name of an audio file"),
        (break_empty, "the file is empty"),
        (break_text, "not an audio file that can be read; convert it"),
        (break_header_only, "there are no samples in it"),
        (break_rate, "the sample rate 8000 Hz is not a whole number from 16000 to 192000"),
        (break_channels, "3 channels, but only one or two can be used; mix it down"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(tmp_path, break_file, message):
    path = tmp_path / "bad.wav"
    break_file(path)
    with pytest.raises(AudioError, match=message) as caught:
        read_audio(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="an administrator may read everything"
)
def test_a_forbidden_file(tmp_path):
    path = save(tmp_path / "a.wav", np.zeros((1, 100)))
    path.chmod(0)
    with pytest.raises(AudioError, match=r"cannot be read \(Permission denied\)"):
        read_audio(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_samples_that_are_not_finite_are_located(tmp_path, value):
    samples = np.zeros((2, 5_000))
    samples[1, 3_456] = value
    save(tmp_path / "a.wav", samples, subtype="DOUBLE")
    with open_audio(tmp_path / "a.wav") as reader:
        blocks = reader.blocks(1_000)
        for _ in range(3):
            next(blocks)
        with pytest.raises(AudioError, match="sample 3456 is not finite"):
            next(blocks)


def test_a_damaged_file_is_an_error_and_not_a_shorter_recording(tmp_path):
    path = save(tmp_path / "a.flac", signals.white_noise(1.0, RATE))
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(AudioError, match="the file is damaged"):
        read_audio(path)


def test_arrays_of_one_and_two_dimensions():
    assert from_array(np.zeros(10), RATE).samples.shape == (1, 10)
    stereo = from_array(np.zeros((2, 10), np.float16), 44_100.0, "mine")
    assert stereo.samples.dtype == np.float32
    assert (stereo.sample_rate, stereo.name) == (44_100, "mine")


def test_an_array_is_copied():
    given = np.zeros((1, 10), np.float32)
    audio = from_array(given, RATE)
    given[:] = 1
    assert not audio.samples.any()


@pytest.mark.parametrize(
    ("array", "rate", "message"),
    [
        (np.zeros(0), RATE, "there are no samples"),
        (np.zeros((2, 0)), RATE, "there are no samples"),
        (np.zeros((1, 2, 3)), RATE, r"the shape \(1, 2, 3\) is not"),
        (np.zeros((100, 2)), RATE, "100 channels.*transpose it"),
        (np.zeros((3, 100)), RATE, r"3 channels.*\(channels, samples\)"),
        (np.zeros(9, np.int16), RATE, "int16, not floats.*divide by 32768"),
        (np.array(["a"]), RATE, "not floats"),
        (np.array([0.0, np.nan]), RATE, "sample 1 is not finite"),
        (np.array([0.0, 1e300]), RATE, "sample 1 is not finite"),
        (np.zeros(9), 8_000, "8000 Hz"),
        (np.zeros(9), 44_100.5, "44100.5 Hz"),
        (np.zeros(9), float("nan"), "nan Hz"),
    ],
)
def test_arrays_that_cannot_be_used(array, rate, message):
    with pytest.raises(AudioError, match=f"mine: .*{message}"):
        from_array(array, rate, "mine")


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("target", [16_000, 48_000, 96_000])
def test_a_resampled_sine_is_that_sine(channels, target):
    sine = np.repeat(signals.sine(0.5, RATE, 1_000.0), channels, axis=0)
    resampled = resample(from_array(sine, RATE, "s"), target)
    expected = signals.sine(0.5, target, 1_000.0)
    assert resampled.samples.shape == (channels, target // 2)
    assert (resampled.sample_rate, resampled.name) == (target, "s")
    inner = slice(target // 20, -target // 20)
    error = resampled.samples[:, inner] - expected[:, inner]
    assert 20 * np.log10(np.abs(error).max()) < -110


def test_the_same_rate_and_channels_change_nothing():
    audio = from_array(np.zeros(9), RATE)
    assert resample(audio, RATE) is audio
    assert to_channels(audio, 1) is audio


def test_mono_is_copied_and_stereo_averaged():
    left, right = np.float32([[1.0, 0.5], [0.0, -0.5]])
    mono = to_channels(from_array(np.stack([left, right]), RATE, "a"), 1)
    np.testing.assert_array_equal(mono.samples, [[0.5, 0.0]])
    stereo = to_channels(mono, 2)
    np.testing.assert_array_equal(stereo.samples, [[0.5, 0.0]] * 2)
    assert stereo.samples.dtype == mono.samples.dtype == np.float32
    with pytest.raises(AudioError, match="3 channels"):
        to_channels(mono, 3)


def block_lengths(length, block):
    """Return the lengths of the blocks of a recording: all equal but the last."""
    whole, rest = divmod(length, block)
    return [block] * whole + [rest] * (rest > 0)


@pytest.mark.parametrize("length", [1, 999, 1_000, 1_001, 2_000])
def test_no_sample_is_lost_in_blocks(tmp_path, length):
    noise = signals.white_noise(0.1, RATE)[:, :length]
    with open_audio(save(tmp_path / "a.wav", noise, subtype="FLOAT")) as reader:
        blocks = list(reader.blocks(1_000))
    assert [block.shape[1] for block in blocks] == block_lengths(length, 1_000)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), noise)


def test_every_real_recording_comes_in(data_folder):
    for path in sorted((data_folder / "audio").iterdir())[::4]:
        with open_audio(path) as reader:
            announced, channels = reader.announced_length, reader.channels
            shapes = [block.shape for block in reader.blocks(10_000)]
        length = sum(shape[1] for shape in shapes)
        assert 0.95 * announced < length <= announced, path  # compressed files may hold fewer
        assert length == announced or path.suffix in (".mp3", ".ogg"), path
        assert shapes == [(channels, each) for each in block_lengths(length, 10_000)], path


def test_audio_is_compared_by_identity():
    audio = Audio(np.zeros((1, 2), np.float32), RATE, "a")
    assert audio == audio
    assert len({audio, Audio(audio.samples, RATE, "a")}) == 2
