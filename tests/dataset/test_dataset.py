"""A data set holds what its manifest says; stopped and resumed, it is the same."""

import csv
import json
import os
import signal
import subprocess
import time

import numpy as np
import pytest
from typer.testing import CliRunner

from fxchain.child_process import module_command, module_environment
from fxchain.cli import app
from fxchain.dataset.cluster import make_pairs
from fxchain.dataset.options import DatasetOptions
from fxchain.dataset.pair import PairMaker
from fxchain.dataset.run import DatasetHooks, DatasetResources, make_dataset
from fxchain.dataset.splits import SPLITS
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import write_audio
from fxchain.preset import Preset, parse_chain
from fxchain.recordings.manifest import read_manifest
from fxchain.render import render, render_file
from tests.dataset.folders import RATE, asked, contents, make, recordings


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the folder of a data set of made signals."""
    folder = tmp_path_factory.mktemp("made") / "set"
    make(folder, asked(count=10))
    return folder


def rows_of(folder):
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lines_of(folder):
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def difference_db(audio, other):
    error = np.square(np.asarray(audio, np.float64) - other).sum()
    return 10 * np.log10(error / np.square(other, dtype=np.float64).sum() + 1e-30)


def test_every_label_renders_its_wet_again(made, tmp_path):
    for row in rows_of(made):
        preset = Preset.load(made / row["preset"])
        target = tmp_path / f"{row['id']}.wav"
        render_file(preset, made / row["dry"], target)
        wet = read_audio(made / row["wet"])
        assert wet.sample_rate == RATE == int(row["sample_rate"])
        assert difference_db(read_audio(target).samples, wet.samples) <= -95.0


def test_json_lines_hold_the_chains(made):
    rows, lines = rows_of(made), lines_of(made)
    assert [line["id"] for line in lines] == [row["id"] for row in rows]
    for row, line in zip(rows, lines, strict=True):
        stage, values, _ = parse_chain(line["stage"], "line")
        preset = Preset.load(made / row["preset"])
        assert stage == preset.stage and int(row["controls"]) == len(values)
        np.testing.assert_array_equal(values, preset.values)
        assert all(str(line[name]) == row[name] for name in row)


def test_levels_are_what_the_rows_say_and_nothing_clips(made):
    for row in rows_of(made):
        for name in ("dry", "wet"):
            samples = read_audio(made / row[name]).samples
            peak_dbfs = 20 * np.log10(np.abs(samples).max())
            rms_dbfs = 10 * np.log10(np.square(samples, dtype=np.float64).mean())
            assert float(row[f"{name}_peak_dbfs"]) == pytest.approx(peak_dbfs, abs=0.01)
            assert float(row[f"{name}_rms_dbfs"]) == pytest.approx(rms_dbfs, abs=0.01)
            assert peak_dbfs <= -0.09 and rms_dbfs >= -65.0


def test_pairs_differ_in_chain_source_and_level(made):
    rows = rows_of(made)
    for name in ("chain", "source", "dry_peak_dbfs"):
        assert len({row[name] for row in rows}) > 0.5 * len(rows), name
    assert {row["split"] for row in rows} == set(SPLITS)


def test_the_manifest_is_one_of_batch(made):
    pairs = read_manifest(made / "manifest.csv")
    assert [pair.id for pair in pairs] == [row["id"] for row in rows_of(made)]


def test_splits_share_no_source(tmp_path):
    sources = recordings(tmp_path / "sources", 6)
    copy = sources / "copy.wav"
    copy.write_bytes((sources / "take 0.wav").read_bytes())
    make(tmp_path / "set", asked(count=20, shares=(0.5, 0.25, 0.25)), sources)
    by_source = {}
    for row in rows_of(tmp_path / "set"):
        by_source.setdefault(row["source"], set()).add(row["split"])
        assert 0.0 <= float(row["source_start_seconds"]) <= 0.5
    assert all(len(splits) == 1 for splits in by_source.values())
    assert len({split for splits in by_source.values() for split in splits}) == 3
    stored = json.loads((tmp_path / "set" / "dataset.json").read_text())["sources"]
    assert len(stored) == 6 and {"copy.wav", "take 0.wav"} - {each["file"] for each in stored}


def test_short_recordings_are_left_out_with_a_note(tmp_path):
    sources = recordings(tmp_path / "sources", 3)
    write_audio(sources / "short.wav", np.full((1, 1_000), 0.1, np.float32), RATE)
    said = []
    make(tmp_path / "set", asked(count=1), sources, hooks=DatasetHooks(notice=said.append))
    assert said == [f"{sources}: 1 shorter than 1 s are left out"]


def test_a_killed_data_set_is_gone_on_with_to_the_same_bytes(made, tmp_path):
    out = tmp_path / "set"
    arguments = ["dataset", "--out", str(out), "--count", "10", "--seconds", "1"]
    arguments += ["--sample-rates", str(RATE), "--workers", "1"]
    with subprocess.Popen(
        module_command("fxchain", *arguments), env=module_environment(), stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and len(list(out.glob("pairs/*/*.json"))) < 3:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
    assert 3 <= len(list(out.glob("pairs/*/*.json"))) < 10
    assert not (out / "manifest.csv").exists()
    first = out / "pairs" / "00000" / "00000001"
    first.with_name("00000001.json").unlink()  # as after a kill between the files of a pair
    first.with_name("00000001-wet.flac").write_bytes(b"half")
    first.with_name(".fxchain-0123456789abcdef.flac").write_bytes(b"half")
    make(out, asked(count=10), resume=True)
    assert contents(out) == contents(made)


def test_a_higher_count_adds_pairs(made, tmp_path):
    make(tmp_path / "set", asked(count=4))
    make(tmp_path / "set", asked(count=10), resume=True)
    assert contents(tmp_path / "set") == contents(made)


def test_what_is_there_is_not_made_again(made, monkeypatch):
    monkeypatch.setattr(PairMaker, "make", None)
    before = contents(made)
    make(made, asked(count=10), resume=True)
    assert contents(made) == before


def test_several_processes_make_the_same(made, tmp_path, monkeypatch):
    monkeypatch.setattr("fxchain.optim.processes.WORTH_SECONDS", 0.0)
    make_dataset(tmp_path / "set", asked(count=10), None, DatasetResources(2))
    assert contents(tmp_path / "set") == contents(made)


def test_a_task_of_a_cluster_makes_the_same(made, tmp_path):
    maker = PairMaker(str(tmp_path), asked(count=10), None, ())
    assert make_pairs(maker, [2, 7]) == 2
    whole = contents(made)
    assert all(whole[name] == content for name, content in contents(tmp_path).items())


def test_wav_holds_floats_of_any_rate(tmp_path):
    options = DatasetOptions(
        8, seed=3, seconds=1.0, sample_rates=(RATE, 22_050), audio_format="wav"
    )
    make(tmp_path / "set", options)
    rates = set()
    for row in rows_of(tmp_path / "set"):
        dry, wet = (read_audio(tmp_path / "set" / row[name]) for name in ("dry", "wet"))
        rates.add(dry.sample_rate)
        preset = Preset.load(tmp_path / "set" / row["preset"])
        np.testing.assert_array_equal(render(preset, dry.samples, dry.sample_rate), wet.samples)
    assert rates == {RATE, 22_050}


def test_a_seed_decides(made, tmp_path):
    make(tmp_path / "set", asked(count=2, seed=1))
    chains = [row["source"] for row in rows_of(tmp_path / "set")]
    assert chains != [row["source"] for row in rows_of(made)][:2]


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_makes_the_same(made, tmp_path):
    distributed = pytest.importorskip("distributed")
    settings = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**settings, silence_logs=50) as cluster:
        resources = DatasetResources(scheduler=cluster.scheduler_address)
        make_dataset(tmp_path / "set", asked(count=10), None, resources)
    assert contents(tmp_path / "set") == contents(made)


def test_the_command_says_what_it_wrote(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["dataset", "--out", "set", "--count", "10", "--seconds", "1", "--workers", "1"]
    result = CliRunner().invoke(app, [*arguments, "--sample-rates", str(RATE)])
    assert result.exit_code == 0, result.output
    assert result.output == ("written to set: 10 pairs, manifest.csv manifest.jsonl dataset.json\n")
    assert contents("set") == contents(made)
