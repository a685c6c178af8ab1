"""The comparison scores all alike, keeps what it has, goes on, and loses one row to a crash."""

import json
import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import soundfile

from fxchain import child_process
from fxchain.alignment.fractional_delay import advanced
from fxchain.baselines.linear import best_gain
from fxchain.baselines.network_file import load_network
from fxchain.benchmarking.benchmark import benchmark
from fxchain.benchmarking.case import read_cases
from fxchain.benchmarking.isolation import JobError, environment, measure_apart
from fxchain.benchmarking.job import Job, measure
from fxchain.benchmarking.methods import METHODS
from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError, OutputError
from fxchain.files.audio_input import read_audio
from fxchain.matching.match import match
from fxchain.metrics.scores import esr
from fxchain.preset import Preset
from fxchain.render import render

RATE = 16_000
QUICK = ("unprocessed", "best_gain")
MANIFEST = (
    "id,dry,wet,device,effect,delay_ms\n"
    "soft,dry.wav,soft.wav,A drive,drive,\n"
    "late,dry.wav,late.wav,,delay,20\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a manifest of two pairs."""
    monkeypatch.chdir(tmp_path)
    dry = plucked_strings(5.0, RATE)
    late = dry + 0.5 * np.pad(dry, ((0, 0), (320, 0)))[:, : dry.shape[1]]
    for name, audio in (("dry", dry), ("soft", np.tanh(3.0 * dry)), ("late", late)):
        soundfile.write(f"{name}.wav", audio.T, RATE, subtype="FLOAT")
    (tmp_path / "pairs.csv").write_text(MANIFEST)
    return tmp_path


def run(**options):
    settings = {"methods": QUICK, "iterations": 2, "threads": 1, "measure": measure}
    return benchmark("pairs.csv", "out", **{**settings, **options})


def job(method="unprocessed"):
    paths = (os.path.abspath("dry.wav"), os.path.abspath("soft.wav"))
    return Job(method, "soft", *paths, None, None, None, None, 2, 0, 1)


def quiet(phase, loss, share):
    pass


def test_all_methods_are_scored_on_the_same_samples(folder, monkeypatch):
    (folder / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    monkeypatch.setattr("fxchain.benchmarking.methods.match", partial(match, chain="gain.json"))
    methods = ("unprocessed", "best_gain", "best_linear_filter", "fxchain", "lstm")
    results = run(methods=methods)
    soft = {row["method"]: row for row in results.rows if row["case"] == "soft"}
    assert tuple(soft) == methods and len(results.rows) == 2 * len(methods)
    assert (
        len({str((row["held_out_samples"], row["latency_samples"])) for row in soft.values()}) == 1
    )
    start, end = soft["lstm"]["held_out_samples"]
    wet, dry = read_audio("soft.wav").samples, read_audio("dry.wav").samples
    for method, row in soft.items():
        played = read_audio(f"out/pairs/soft/{method}/played.wav").samples
        assert row["held_out"]["esr"] == pytest.approx(esr(wet[:, start:end], played[:, start:end]))
        assert row["times_real_time"] > 0 and row["seconds_to_fit"] >= 0
    gain = best_gain(dry[:, :start], wet[:, :start]).factor
    assert read_audio("out/pairs/soft/best_gain/played.wav").samples[0, 99] == pytest.approx(
        gain * dry[0, 99]
    )
    assert [soft[name]["weights"] for name in methods[:3]] == [0, 1, 2_048]
    assert soft["lstm"]["weights"] == 4_513
    last, whole = soft["lstm"]["esr_curve"][-1][1], soft["lstm"]["held_out"]["esr"]
    assert last == pytest.approx(whole, rel=1e-3)  # played from shortly before the part
    for name, loaded in (
        ("lstm", load_network("out/pairs/soft/lstm/network.json")),
        ("fxchain", Preset.load("out/pairs/soft/fxchain/preset.json")),
    ):
        played = read_audio(f"out/pairs/soft/{name}/played.wav").samples
        np.testing.assert_allclose(render(loaded, dry, RATE), played, atol=1e-6)
    document = json.loads((folder / "out" / "results.json").read_text())
    assert document["missing"] == 0 and len(document["environments"]) == 1
    assert document["rows"][0]["settings"]["iterations"] == 2
    assert {path.name for path in (folder / "out").iterdir()} == {
        "pairs",
        "report.html",
        "results.json",
        "results.md",
        "esr-by-device.png",
        "esr-against-seconds.png",
    }


def test_threads_wait_as_suits_a_method():
    """Networks on threads that sleep were 2 and 40 times slower, which no comparison may be by."""
    assert {name for name in METHODS if environment(name)["OMP_WAIT_POLICY"] == "active"} == {
        "lstm",
        "wavenet",
        "wavenet_small",
        "nam",
        "nam_lite",
        "nam_standard",
    }
    assert environment("fxchain")["OMP_WAIT_POLICY"] == "passive"


def test_a_cell_alone_is_a_method(folder):
    row = measure(replace(job("gru"), iterations=30), folder, quiet)
    assert row["weights"] == 257 and row["held_out"]["esr"] < 0.1
    loaded, dry = Preset.load("preset.json"), read_audio("dry.wav").samples
    played = read_audio("played.wav").samples
    np.testing.assert_allclose(render(loaded, dry, RATE), played, atol=1e-6)


def test_an_lstm_by_second_order_steps_is_a_method(folder):
    row = measure(replace(job("lstm_second_order"), iterations=30), folder, quiet)
    assert row["weights"] == 329 and row["held_out"]["esr"] < 0.1
    loaded, dry = load_network("network.json"), read_audio("dry.wav").samples
    played = read_audio("played.wav").samples
    np.testing.assert_allclose(render(loaded, dry, RATE), played, atol=1e-6)


def test_nam_is_trained_and_saved_as_other_networks_are(folder):
    pytest.importorskip("nam.models", reason="extra benchmark")
    row = measure(replace(job("nam_lite"), iterations=3), folder, quiet)
    assert row["weights"] == 1_870 and row["receptive_field_samples"] == 6_347
    loaded, dry = load_network("network.json"), read_audio("dry.wav").samples
    played = read_audio("played.wav").samples
    np.testing.assert_allclose(render(loaded, dry, RATE), played, atol=1e-6)


def test_nam_without_its_package_is_one_error_that_names_the_extra(folder, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MatchError, match=r"--methods nam: .* pip install 'fxchain\[benchmark\]'"):
        run(methods=["nam"])
    assert not (folder / "out").exists()


@pytest.mark.parametrize("method", ["lstm", "gru"])
def test_with_equal_iterations_the_figures_repeat(folder, method):
    once = run(methods=[method], iterations=4)
    again = benchmark(
        "pairs.csv", "again", methods=[method], iterations=4, threads=1, measure=measure
    )
    assert [row["held_out"] for row in once.rows] == [row["held_out"] for row in again.rows]


def test_what_is_done_is_kept_and_what_failed_is_tried_again(folder):
    asked = []

    def failing(order, made, progress):
        asked.append((order.id, order.method))
        if order.id == "late" and order.method == "unprocessed":
            raise JobError("its process ended with code -11")
        if asked == [("soft", "unprocessed"), ("soft", "best_gain")]:
            raise KeyboardInterrupt
        return measure(order, made, progress)

    with pytest.raises(KeyboardInterrupt):
        run(measure=failing)
    assert json.loads((folder / "out" / "results.json").read_text())["missing"] == 3
    results = run(measure=failing)
    assert asked[2:] == [("soft", "best_gain"), ("late", "unprocessed"), ("late", "best_gain")]
    assert [row.get("error") for row in results.rows] == [
        None,
        None,
        "its process ended with code -11",
        None,
    ]
    assert "code -11" in (folder / "out" / "results.md").read_text()
    results = run()
    assert not any("error" in row for row in results.rows)
    assert run(measure=failing).missing == 0 and len(asked) == 5


def test_other_settings_are_refused_unless_forced(folder):
    run(methods=["unprocessed"])
    with pytest.raises(OutputError, match=r"another iterations.*--force"):
        run(methods=["unprocessed"], iterations=3)
    soundfile.write("soft.wav", 0.5 * read_audio("soft.wav").samples.T, RATE, subtype="FLOAT")
    with pytest.raises(OutputError, match="another wet sha256"):
        run(methods=["unprocessed"])
    forced = run(methods=["unprocessed"], force=True)
    assert len(forced.rows) == 2 and run(methods=["unprocessed"]).rows == forced.rows


def test_two_files_are_a_pair(folder):
    results = benchmark(
        "dry.wav", "out", wet="soft.wav", methods=["best_gain"], iterations=1, measure=measure
    )
    assert [row["case"] for row in results.rows] == ["soft"]


def test_a_job_in_its_own_process(folder, tmp_path):
    made, beside = tmp_path / "made", tmp_path / "beside"
    made.mkdir()
    beside.mkdir()
    steps = []
    row = measure_apart(job(), made, lambda *step: steps.append(step))
    assert row["held_out"] == measure(job(), beside, quiet)["held_out"]
    assert [path.name for path in made.iterdir()] == ["played.wav"]
    assert steps[0][0] == "scoring"


def test_a_refusal_and_a_crash_are_sentences(folder, tmp_path, monkeypatch):
    soundfile.write("soft.wav", np.zeros((RATE, 1)), RATE)
    with pytest.raises(JobError, match="silent"):
        measure_apart(job(), tmp_path, quiet)
    monkeypatch.setattr(child_process.sys, "executable", "/bin/false")
    with pytest.raises(JobError, match="ended with code"):
        measure_apart(job(), tmp_path, quiet)


def test_ctrl_c_ends_the_process_of_the_job(folder, tmp_path):
    order = Job(**{**job("lstm").written(), "iterations": None, "seconds": 600.0})
    stopper = threading.Timer(3.0, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    stopper.start()
    with pytest.raises(KeyboardInterrupt):
        measure_apart(order, tmp_path, quiet)
    assert time.monotonic() - began < 120 and not (tmp_path / "played.wav").exists()


def test_a_manifest_says_what_is_known(folder):
    soft, late = read_cases("pairs.csv")
    assert (soft.device, soft.effect, soft.delay_ms) == ("A drive", "drive", None)
    assert (late.device, late.effect, late.delay_ms) == ("late", "delay", 20.0)
    (folder / "pairs.csv").write_text(MANIFEST + "x,dry.wav,late.wav,,delay,soon\n")
    with pytest.raises(MatchError, match=r"line 4: delay_ms: 'soon'"):
        read_cases("pairs.csv")


@pytest.mark.parametrize(
    ("options", "error", "reason"),
    [
        ({"methods": ["wavnet"]}, MatchError, "--methods wavnet"),
        ({"methods": []}, MatchError, "at least one"),
        ({"iterations": 0}, MatchError, "--iterations 0"),
        ({"iterations": None, "seconds": 0.0}, MatchError, "--seconds 0"),
        ({"threads": 0}, MatchError, "--threads 0"),
        ({"seed": -1}, MatchError, "--seed -1"),
    ],
)
def test_options_that_make_no_sense(folder, options, error, reason):
    with pytest.raises(error, match=reason):
        run(**options)
    assert not (folder / "out").exists()


def test_a_folder_of_other_things_is_left_alone(folder):
    (folder / "out").mkdir()
    (folder / "out" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="other files"):
        run()
    assert [path.name for path in (folder / "out").iterdir()] == ["mine.txt"]


def test_a_chain_is_scored_at_the_part_of_a_sample_that_it_found(folder, monkeypatch):
    (folder / "gain.json").write_text('{"chain": [{"primitive": "gain"}]}')
    monkeypatch.setattr("fxchain.benchmarking.methods.match", partial(match, chain="gain.json"))
    dry = read_audio("dry.wav").samples
    soundfile.write("soft.wav", 0.5 * advanced(dry, -0.4).T, RATE, subtype="FLOAT")
    results = run(methods=("best_gain", "fxchain"), iterations=20)
    esr_of = {r["method"]: r["held_out"]["esr"] for r in results.rows if r["case"] == "soft"}
    assert esr_of["best_gain"] > 1e-3
    assert esr_of["fxchain"] < 1e-2 * esr_of["best_gain"]


def test_options_that_do_not_exist_or_make_no_sense_are_refused(folder):
    with pytest.raises(TypeError, match="'second'; its options are seconds"):
        run(second=3.0)
    with pytest.raises(MatchError, match="--methods magic"):
        run(methods=["magic"])
    with pytest.raises(MatchError, match="--threads 0"):
        run(threads=0)
