"""A trained network comes back from its file as it was, and nothing else does."""

import json

import numpy as np
import pytest
import torch

from fxchain.baselines.network_file import load_network, save_network
from fxchain.baselines.recipes import RECIPES
from fxchain.baselines.trained import TrainedNetwork
from fxchain.data.signals import white_noise
from fxchain.errors import AudioError, OutputError, PresetError

RATE = 44_100


@pytest.fixture
def trained():
    torch.manual_seed(4)
    return TrainedNetwork("lstm", RECIPES["lstm"].make(), RATE, 2.0, -0.5, {"seed": 4})


def test_what_is_loaded_plays_the_same_samples(trained, tmp_path):
    save_network(trained, tmp_path / "lstm.json")
    loaded = load_network(tmp_path / "lstm.json")
    noise = white_noise(0.1, RATE, channels=2)
    np.testing.assert_array_equal(loaded.board(RATE)(noise, RATE), trained.board(RATE)(noise, RATE))
    assert loaded.metadata == {"seed": 4}
    save_network(loaded, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "lstm.json").read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        save_network(trained, tmp_path / "lstm.json")


def test_another_rate_is_refused(trained):
    with pytest.raises(AudioError, match="trained at 44100 Hz"):
        trained.board(48_000)


def test_a_board_begins_anew_when_it_is_reset(trained):
    board, noise = trained.board(RATE), white_noise(0.05, RATE)
    first = board(noise, RATE, reset=False)
    went_on = board(noise, RATE, reset=False)
    board.reset()
    np.testing.assert_array_equal(board(noise, RATE, reset=False), first)
    assert not np.array_equal(went_on, first)


def test_a_network_whose_package_is_missing_is_one_error_that_names_the_extra(
    trained, tmp_path, monkeypatch
):
    save_network(trained, tmp_path / "lstm.json")
    text = (tmp_path / "lstm.json").read_text()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for kind in ("nam", "nam_lite", "nam_standard"):
        (tmp_path / "nam.json").write_text(text.replace('"lstm"', f'"{kind}"'))
        with pytest.raises(PresetError, match=rf"nam.json: .*{kind}.* 'fxchain\[benchmark\]'$"):
            load_network(tmp_path / "nam.json")


def node(document):
    return document["weights"]["linear.weight"]


BROKEN = {
    "another format": (lambda d: d.update(format="x"), "not a network"),
    "newer": (lambda d: d.update(version=2), "newer than the version 1"),
    "no version": (lambda d: d.update(version="1"), "version = '1'"),
    "a key too many": (lambda d: d.update(code="x"), "missing or unknown: code"),
    "another kind": (lambda d: d.update(kind="gru"), "kind = 'gru'"),
    "the wrong kind": (lambda d: d.update(kind="wavenet"), "not those of this kind"),
    "no rate": (lambda d: d.update(sample_rate=1.5), "sample_rate"),
    "no number": (lambda d: d.update(input_gain="1"), "input_gain"),
    "no metadata": (lambda d: d.update(metadata=[]), "metadata"),
    "a shape": (lambda d: node(d).update(shape=[32, 1]), "linear.weight: the shape"),
    "no base64": (lambda d: node(d).update(data="?"), "not base64"),
    "too short": (lambda d: node(d).update(data="AAAA"), "3 bytes"),
    "not finite": (
        lambda d: node(d).update(data="AADAfwAAwH8AAMB/" + node(d)["data"][16:]),
        "not finite",
    ),
}


@pytest.mark.parametrize(("change", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_something_else_is_refused(trained, tmp_path, change, reason):
    path = tmp_path / "lstm.json"
    save_network(trained, path)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(PresetError, match=reason) as refused:
        load_network(path)
    assert str(refused.value).startswith(str(path))
