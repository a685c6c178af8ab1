"""The networks are what was published: so many weights, causal, hearing so far, in any blocks."""

import pytest
import torch
from torch import nn

from fxchain.baselines.lstm import Lstm
from fxchain.baselines.nam import error_to_signal, nam_loss
from fxchain.baselines.network_loss import ERROR_SHARE, MEAN_SHARE, network_loss
from fxchain.baselines.recipes import RECIPES
from fxchain.baselines.threads import at_most_threads
from fxchain.baselines.training import train
from fxchain.baselines.wavenet import WaveNet
from fxchain.metrics.scores import esr
from fxchain.optim.budget import Budget
from fxchain.session.process_state import torch_settings

PUBLISHED = {
    "wavenet": (43_105, 1_531),
    "wavenet_small": (2_313, 2_045),
    "lstm": (4_513, None),
    "lstm_small": (361, None),
    "nam": (12_145, 6_347),
    "nam_lite": (1_870, 6_347),
    "nam_standard": (13_801, 4_093),
}


def make(kind):
    if kind.startswith("nam"):
        pytest.importorskip("nam.models", reason="extra benchmark")
    torch.manual_seed(1)
    return RECIPES[kind].make()


def play(network, audio):
    with torch.no_grad():
        return network(audio, network.initial_state(len(audio)))[0]


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3))


def test_every_network_is_tested():
    assert PUBLISHED.keys() == RECIPES.keys()


@pytest.mark.parametrize("kind", PUBLISHED)
def test_weights_and_receptive_field_as_published(kind):
    network = make(kind)
    assert (network.weight_count(), network.receptive_field_samples) == PUBLISHED[kind]


@pytest.fixture
def double_precision():
    """In single precision products of matrices round as their memory happens to lie."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.usefixtures("double_precision")
@pytest.mark.parametrize("kind", PUBLISHED)
def test_nothing_sounds_before_its_cause(kind):
    network, audio = make(kind), noise(2, 3_000)
    changed = audio.clone()
    changed[:, 2_000] += 1.0
    before, after = play(network, audio), play(network, changed)
    torch.testing.assert_close(before[:, :2_000], after[:, :2_000], rtol=0, atol=1e-12)
    assert (before[:, 2_000] - after[:, 2_000]).abs().min() > 1e-6


@pytest.mark.parametrize("kind", ["wavenet", "wavenet_small", "nam_lite", "nam_standard"])
def test_the_receptive_field_is_heard_to_its_end_and_not_beyond(kind):
    network = make(kind).double()
    audio = noise(1, 2 * network.receptive_field_samples).double().requires_grad_()
    state = network.initial_state(1).double()
    played, _ = network(audio, state)
    played[0, -1].backward()
    heard = audio.grad[0].flip(0) != 0
    assert heard[: network.receptive_field_samples].all()
    assert not heard[network.receptive_field_samples :].any()


@pytest.mark.parametrize("kind", PUBLISHED)
def test_blocks_one_after_another_are_the_whole(kind):
    network, audio = make(kind), noise(2, 5_000)
    state, parts = network.initial_state(2), []
    with torch.no_grad():
        for block in audio.split([1, 700, 63, 4_236], dim=1):
            out, state = network(block, state)
            parts.append(out)
    torch.testing.assert_close(torch.cat(parts, 1), play(network, audio), rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", PUBLISHED)
def test_recordings_in_a_batch_do_not_hear_each_other(kind):
    network, audio = make(kind), noise(3, 2_500)
    alone = torch.cat([play(network, one[None]) for one in audio])
    torch.testing.assert_close(play(network, audio), alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("input_layer", [False, True])
def test_the_products_of_matrices_are_the_convolutions(input_layer):
    torch.manual_seed(2)
    network, audio = WaveNet(3, 4, 2, input_layer), noise(2, 400)
    with torch.no_grad():
        heard = torch.cat([network.initial_state(2), audio], 1)[:, None]
        if network.widen is not None:
            heard = network.widen(heard)
        skipped = []
        for hidden, residual in zip(network.hidden, network.residuals, strict=True):
            signal, gate = hidden(heard).chunk(2, 1)
            skipped.append(torch.tanh(signal) * torch.sigmoid(gate))
            heard = residual(skipped[-1]) + heard[:, :, -skipped[-1].shape[2] :]
        mixed = network.mix(torch.cat([one[:, :, -400:] for one in skipped], 1))[:, 0]
    torch.testing.assert_close(play(network, audio), mixed, rtol=0, atol=1e-5)


def test_the_lstm_adds_its_input():
    network = make("lstm")
    nn.init.zeros_(network.linear.weight)
    nn.init.zeros_(network.linear.bias)
    audio = noise(1, 50)
    torch.testing.assert_close(play(network, audio), audio)


def test_the_loss_is_the_published_formula():
    target, estimate = noise(4, 300), noise(4, 300) + 0.3
    wanted, found = (
        torch.cat([audio[:, :1], audio[:, 1:] - 0.85 * audio[:, :-1]], 1)
        for audio in (target, estimate)
    )
    ratio = (wanted - found).square().mean() / (wanted.square().mean() + 1e-5)
    means = (target.mean(1) - estimate.mean(1)).square().mean()
    expected = ERROR_SHARE * ratio + MEAN_SHARE * means / (target.square().mean() + 1e-5)
    torch.testing.assert_close(network_loss(target, estimate, 0.85), expected)
    assert network_loss(target, target, 0.85) == 0
    assert torch.isfinite(network_loss(0 * target, estimate, 0.85))


def test_the_loss_of_nam_is_its_squared_error_and_a_little_of_the_spectra():
    losses = pytest.importorskip("nam.models.losses", reason="extra benchmark")
    target, estimate = noise(2, 4_096), noise(2, 4_096).flip(1)
    spectra = losses.multi_resolution_stft_loss(estimate, target)
    expected = (target - estimate).square().mean() + 5e-4 * spectra
    torch.testing.assert_close(nam_loss(target, estimate), expected)
    assert torch.isfinite(nam_loss(0 * target, estimate))
    ratio = error_to_signal(target, estimate)
    assert float(ratio) == pytest.approx(esr(target.numpy(), estimate.numpy()), rel=1e-5)


@pytest.mark.parametrize("most, used", [(1, 1), (None, 2), (4, 2)])
def test_small_work_is_not_shared_among_threads(most, used):
    """An LSTM's threads would only wait for each other; what was set before comes back."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with at_most_threads(most):
            assert torch.get_num_threads() == used
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_the_lstm_is_trained_and_played_by_one_thread(monkeypatch):
    seen = []
    plain = Lstm.forward

    def forward(self, audio, state):
        seen.append(torch.get_num_threads())
        return plain(self, audio, state)

    monkeypatch.setattr(Lstm, "forward", forward)
    dry = noise(1, 30_000).numpy()
    with torch_settings(2):
        found = train("lstm", dry, dry, 44_100, Budget(steps=2))
        trained = len(seen)
        found.trained.board(44_100)(dry, 44_100)
    assert 0 < trained < len(seen) and set(seen) == {1}
