"""Files a little off: played where all is there, with a sentence; a cut is always said."""

import struct

import numpy as np
import pytest
import soundfile

from fxchain.errors import AudioError
from fxchain.files.audio_input import read_audio
from tests.hostile.commands import run

RATE = 44_100
CONTAINERS = {
    "AIFF": ("AIFF", "PCM_24", "FILE"),
    "AIFC": ("AIFF", "FLOAT", "FILE"),
    "AIFC, little endian": ("AIFF", "PCM_16", "LITTLE"),
    "AU": ("AU", "PCM_16", "FILE"),
    "AU, little endian": ("AU", "FLOAT", "LITTLE"),
    "RF64": ("RF64", "PCM_16", "FILE"),
    "RIFX": ("WAV", "PCM_16", "BIG"),
    "W64": ("W64", "FLOAT", "FILE"),
    "WAV": ("WAV", "PCM_24", "FILE"),
    "WAVEX": ("WAVEX", "FLOAT", "FILE"),
    "CAF": ("CAF", "PCM_16", "FILE"),
    "ADPCM": ("WAV", "IMA_ADPCM", "FILE"),
}
CUT_ONLY = {
    "SVX": ("SVX", "PCM_16", "FILE"),
    "MP3": ("MP3", "MPEG_LAYER_III", "FILE"),
    "FLAC": ("FLAC", "PCM_24", "FILE"),
}


def sound(seed, samples=None):
    """Return (samples,) of a random length and rate of change, within full scale."""
    rng = np.random.default_rng(seed)
    samples = int(rng.integers(20_000, 40_000)) if samples is None else samples
    return (0.4 * np.sin(np.arange(samples) * rng.uniform(0.01, 0.3))).astype(np.float32)


def encoded(path, samples, how):
    """Write a healthy file and return its bytes."""
    container, encoding, order = how
    soundfile.write(path, samples, RATE, encoding, order, container)
    return path.read_bytes()


def chunk(name, body, pad=True, size=None):
    padding = b"\0" * (len(body) % 2) if pad else b""
    return name + struct.pack("<I", len(body) if size is None else size) + body + padding


def wav(*parts, bits=16, channels=1, tag=1, size=None):
    """Return a WAV file of a description and other chunks."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, RATE, RATE * frame, frame, bits)
    body = b"WAVE" + chunk(b"fmt ", form) + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def pcm(samples, bits=16):
    """Return (samples,) as integers of 16 or 24 bits, little endian."""
    whole = np.round(samples * (2 ** (bits - 1) - 1)).astype("<i4")
    return np.frombuffer(whole.tobytes(), "u1").reshape(-1, 4)[:, : bits // 8].tobytes()


def same_sound(path, expected, tolerance=1e-4):
    """Check that a file holds what was put into it; return its notes."""
    audio = read_audio(path)
    assert audio.length == len(expected)
    np.testing.assert_allclose(audio.samples[0], expected, atol=tolerance)
    return audio.notes


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", CONTAINERS | CUT_ONLY)
def test_a_cut_is_always_said(tmp_path, name, seed):
    path = tmp_path / "a.bin"
    data = encoded(path, sound(seed), (CONTAINERS | CUT_ONLY)[name])
    share = (0.5, *np.random.default_rng(seed).uniform(0.2, 0.97, 3))[seed]
    path.write_bytes(data[: int(share * len(data))])
    damaged = "cut off|damaged" if name == "FLAC" else "cut off"
    with pytest.raises(AudioError, match=f"the file is ({damaged}) .*get a complete copy"):
        read_audio(path)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("codec", ["VORBIS", "OPUS"])
def test_a_cut_stream_is_played_with_a_sentence(tmp_path, codec, seed):
    path = tmp_path / "a.ogg"
    rng = np.random.default_rng(seed)
    noise = (0.2 * rng.standard_normal(48_000)).astype(np.float32)
    soundfile.write(path, noise, 48_000, codec, format="OGG")
    data = path.read_bytes()
    assert read_audio(path).notes == ()
    path.write_bytes(data[: int((0.6, *rng.uniform(0.6, 0.99, 3))[seed] * len(data))])
    try:
        notes = read_audio(path).notes
    except AudioError as error:  # nothing of it is there
        assert "cut off" in str(error) or "no samples" in str(error) or "not an audio" in str(error)
    else:
        assert any("may be cut off" in note for note in notes)


@pytest.mark.parametrize("name", CONTAINERS | CUT_ONLY)
def test_a_healthy_file_has_no_notes(tmp_path, name):
    path = tmp_path / "a.bin"
    encoded(path, sound(0), (CONTAINERS | CUT_ONLY)[name])
    assert read_audio(path).notes == ()


def without_sizes(data, name):
    """Return a file as it is when its recorder dies: the sizes in its header are zeros."""
    data = bytearray(data)
    if name.startswith("AU"):
        data[8:12] = bytes(4)
    elif name == "RF64":
        at = data.index(b"ds64") + 8
        data[at : at + 24] = bytes(24)
    elif name == "CAF":
        at = data.index(b"data") + 4
        data[at : at + 8] = bytes(8)
    elif name == "W64":
        at = data.index(b"data\xf3") + 16
        data[16:24] = data[at : at + 8] = bytes(8)
    else:
        at = data.index(b"SSND" if name.startswith("AI") else b"data") + 4
        data[4:8] = data[at : at + 4] = bytes(4)
    return bytes(data)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CONTAINERS)
def test_what_a_recorder_left_when_it_died_is_played(tmp_path, name, seed):
    path = tmp_path / "a.bin"
    data = encoded(path, sound(seed), CONTAINERS[name])
    whole = read_audio(path).samples
    path.write_bytes(without_sizes(data, name))
    audio = read_audio(path)
    np.testing.assert_array_equal(audio.samples[:, : whole.shape[1]], whole)
    assert audio.length - whole.shape[1] <= 2 and "was not finished" in audio.notes[0]


def test_streams_without_a_length(tmp_path):
    path, samples = tmp_path / "a.bin", sound(7)
    data = bytearray(encoded(path, samples, CUT_ONLY["FLAC"]))
    data[21] &= 0xF0
    data[22:26] = bytes(4)  # the number of samples
    path.write_bytes(data)
    assert same_sound(path, samples) == ()
    data = encoded(path, samples, CONTAINERS["CAF"])
    at = data.index(b"data") + 4
    path.write_bytes(data[:at] + b"\xff" * 8 + data[at + 8 :])
    assert same_sound(path, samples) == ()


@pytest.mark.parametrize(
    "more", [1, 2, 8, 28, 44, *np.random.default_rng(5).integers(45, 5_000, 3)]
)
def test_a_header_that_announces_too_much_of_a_whole_file(tmp_path, more):
    path, samples = tmp_path / "a.wav", sound(int(more))
    path.write_bytes(wav(b"data" + struct.pack("<I", 2 * len(samples) + more) + pcm(samples)))
    assert len(same_sound(path, samples)) == (more > 1)


@pytest.mark.parametrize("seed", range(4))
def test_chunks_of_odd_size_with_and_without_their_byte(tmp_path, seed):
    path, rng = tmp_path / "a.wav", np.random.default_rng(seed)
    samples = sound(seed, 20_001 + 2 * seed)
    data = pcm(samples, 24)
    note = chunk(b"bext", bytes(int(2 * rng.integers(50, 900) + 1)), pad=False)
    tail = chunk(b"LIST", b"INFOabcd")
    for parts in (
        [chunk(b"data", data)],
        [chunk(b"data", data, pad=False)],
        [chunk(b"data", data, pad=False), tail],
        [chunk(b"data", data), tail],
        [note, chunk(b"data", data, pad=False)],
    ):
        path.write_bytes(wav(*parts, bits=24))
        assert same_sound(path, samples) == ()


@pytest.mark.parametrize("seed", range(4))
def test_chunks_before_the_sound_that_are_of_a_wrong_size(tmp_path, seed):
    path, rng, samples = tmp_path / "a.wav", np.random.default_rng(seed), sound(seed)
    data = chunk(b"data", samples.astype("<f4").tobytes())
    peak = struct.pack("<IIfI", 1, 0, 0.4, 3)
    for before in (
        chunk(b"PEAK", peak[: 4 * int(rng.integers(1, 4))]),
        chunk(b"PEAK", peak, size=int(rng.integers(1, 99))),
        chunk(b"LIST", peak, size=2**31 + int(rng.integers(999))),
        chunk(b"LIST", bytes(2 * int(rng.integers(150_000, 250_000)))),
    ):
        path.write_bytes(wav(before, data, bits=32, tag=3))
        same_sound(path, samples, 0.0)


def test_stereo_with_the_peak_of_one_channel(tmp_path):
    path, samples = tmp_path / "a.wav", sound(1)
    data = np.repeat(samples, 2).astype("<f4").tobytes()
    peak = chunk(b"PEAK", struct.pack("<IIfI", 1, 0, 1.05, 3))
    path.write_bytes(wav(peak, chunk(b"data", data), bits=32, channels=2, tag=3))
    np.testing.assert_array_equal(read_audio(path).samples, [samples, samples])


def test_sound_beyond_the_announced_end_is_mentioned(tmp_path):
    path, samples = tmp_path / "a.wav", sound(2, 90_000)
    path.write_bytes(wav(b"data" + struct.pack("<I", 20_000) + pcm(samples), size=20_036))
    (note,) = same_sound(path, samples[:10_000])
    assert "160000 bytes more" in note
    for filling in (b"ID3\x03" + bytes(range(256)) * 999, b"TAG" + b"x" * 300_000, bytes(300_000)):
        path.write_bytes(wav(chunk(b"data", pcm(samples))) + filling)
        assert same_sound(path, samples) == ()


def test_a_file_without_sound_has_none(tmp_path):
    path = tmp_path / "a.wav"
    for parts in ([chunk(b"data", b"")], [chunk(b"data", b""), chunk(b"LIST", b"INFOabcd")]):
        path.write_bytes(wav(*parts))
        with pytest.raises(AudioError, match="there are no samples in it"):
            read_audio(path)


def test_a_header_that_nothing_understands_is_not_told_to_become_wav(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(chunk(b"data", bytes(9_000)), tag=0x9999))
    with pytest.raises(AudioError, match="its header is damaged: export it again"):
        read_audio(path)


def test_the_second_decoder_reads_what_the_first_refuses(tmp_path, monkeypatch):
    path, samples = tmp_path / "a.wav", sound(3)
    encoded(path, samples, CONTAINERS["WAV"])

    def refuse(*_):
        raise soundfile.LibsndfileError(1)

    monkeypatch.setattr("fxchain.files.decoding.soundfile.SoundFile", refuse)
    assert same_sound(path, samples) == ()


def test_notes_reach_the_user(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    samples = sound(4, 3 * RATE)
    (tmp_path / "a.wav").write_bytes(wav(b"data" + bytes(4) + pcm(samples), size=0))
    soundfile.write("dry.wav", samples, RATE)
    (tmp_path / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    done = run("match", "dry.wav", "a.wav", "--out", "m", "--iterations", 1, "--chain", "gain.json")
    assert done.exit_code == 0 and "its header was not finished" in " ".join(done.output.split())
    done = run("render", "m/preset.json", "a.wav", "b.wav")
    assert done.exit_code == 0 and "note: a.wav: its header was not finished" in done.output
