"""The manifests are read whole, and what is wrong is said."""

import pytest

from benchmarks import recorded_pairs
from fxchain.errors import AudioError
from fxchain.files.audio_input import open_audio

HEADER = (
    "id,category,device,settings,kind,dry,wet,dry_channel,direct_lag_samples,lag_tolerance,"
    "sample_rate,dry_seconds,wet_seconds,linear_coherence,note\n"
)


def test_the_variable_must_be_set(monkeypatch, tmp_path):
    monkeypatch.delenv("FXCHAIN_DATA", raising=False)
    with pytest.raises(AudioError, match="FXCHAIN_DATA is not set"):
        recorded_pairs.data_folder()
    monkeypatch.setenv("FXCHAIN_DATA", str(tmp_path))
    with pytest.raises(AudioError, match=r"there is no pairs\.csv in this folder"):
        recorded_pairs.data_folder()
    (tmp_path / "pairs.csv").write_text("")
    assert recorded_pairs.data_folder() == tmp_path


def test_empty_fields_are_none(tmp_path):
    (tmp_path / "pairs.csv").write_text(
        HEADER
        + 'a,fuzz,"One, Two",,real,a.wav,b.wav,0,-4,6,44100,5.9,6.0,0.5,\n'
        + "b,amp,Three,,real,a.wav,b.wav,,,,48000,2,2,,quiet\n"
    )
    first, second = recorded_pairs.read_pairs(tmp_path)
    assert (first.dry_channel, first.direct_lag_samples, first.lag_tolerance) == (0, -4, 6)
    assert first.device == "One, Two"
    assert first.wet == tmp_path / "b.wav"
    assert (second.dry_channel, second.direct_lag_samples, second.lag_tolerance) == (None,) * 3
    assert second.linear_coherence is None
    assert second.note == "quiet"


def test_a_broken_manifest_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"sources\.csv: cannot be read"):
        recorded_pairs.read_sources(tmp_path)
    (tmp_path / "pairs.csv").write_text(HEADER + "a,f,d,,real,a,b,,,,many,1,1,,\n")
    with pytest.raises(AudioError, match=r"pairs\.csv: line 2: .*'many'"):
        recorded_pairs.read_pairs(tmp_path)
    (tmp_path / "pairs.csv").write_text("id\na\n")
    with pytest.raises(AudioError, match="the column 'category' is missing"):
        recorded_pairs.read_pairs(tmp_path)


def test_sources_by_role_and_kind(tmp_path):
    (tmp_path / "sources.csv").write_text(
        "role,kind,file,sample_rate,channels,seconds,note\n"
        "dry,guitar (clean),g.wav,44100,1,13,\n"
        "IR,cabinet,c.wav,96000,1,0.8,\n"
        "dry,bass,b.wav,44100,1,13,\n"
    )
    assert [one.kind for one in recorded_pairs.read_sources(tmp_path, role="dry")] == [
        "guitar (clean)",
        "bass",
    ]
    (guitar,) = recorded_pairs.read_sources(tmp_path, kind="guitar")
    assert guitar.file == tmp_path / "g.wav"
    assert len(recorded_pairs.read_sources(tmp_path)) == 3


def test_the_real_manifests_name_files_that_are_there(data_folder):
    found = recorded_pairs.read_pairs(data_folder)
    assert len(found) == len({pair.id for pair in found}) > 0
    for pair in found:
        assert pair.dry.is_file(), pair.id
        with open_audio(pair.wet) as reader:
            assert reader.announced_length == pytest.approx(
                pair.wet_seconds * reader.sample_rate, rel=0.05
            )
    for kind in ("guitar", "bass", "drums", "piano", "speech"):
        assert recorded_pairs.read_sources(data_folder, role="dry", kind=kind)
