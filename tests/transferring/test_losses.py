"""Each loss: 0 on equal audio, invariant to what it states, above 0 when its property changes."""

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.level import EVENT_LEVEL, OWN_LOUDNESS, event_level, loudness
from fxchain.transferring.loss import Loss
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.target import targets

RATE = 16_000
EVERY = pytest.mark.parametrize("loss", LOSSES, ids=[loss.name for loss in LOSSES])


def music(seconds: float = 8.0, seed: int = 0) -> Tensor:
    """Two channels that differ, as in a recording."""
    left = plucked_strings(seconds, RATE, seed=seed)[0]
    right = 0.6 * np.roll(left, 40) + 0.02 * white_noise(seconds, RATE, seed=seed)[0]
    return torch.from_numpy(np.stack([left, right]).astype(np.float32))


def distance(loss: Loss, first: Tensor, second: Tensor) -> float:
    """Return how far the first is from the second as a reference, in typical distances."""
    recording = Descriptors(first, RATE)
    (it,) = targets([loss], recording, recording, [Descriptors(second, RATE)])
    return float(it.distance(recording)) ** 0.5


@EVERY
def test_it_is_zero_on_equal_audio(loss):
    assert distance(loss, music(), music()) == pytest.approx(0.0, abs=1e-4)


@EVERY
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda audio: audio[:, 4_000:], id="time shift"),
        pytest.param(lambda audio: torch.cat([audio, audio], dim=1), id="twice as long"),
        pytest.param(
            lambda audio: torch.cat([audio[:, RATE * 4 :], audio[:, : RATE * 4]], dim=1),
            id="order of segments",
        ),
        pytest.param(
            lambda audio: torch.cat([audio, torch.zeros(2, RATE * 4)], dim=1), id="silence behind"
        ),
    ],
)
def test_it_is_invariant_to_time_length_order_and_silence(loss, changed):
    audio = music()
    assert distance(loss, audio, changed(audio)) < 0.35


def filtered(audio: Tensor) -> Tensor:
    spectrum = torch.fft.rfft(audio)
    gains = torch.linspace(1.0, 4.0, spectrum.shape[-1])
    return torch.fft.irfft(spectrum * gains, n=audio.shape[-1])


def gated(audio: Tensor) -> Tensor:
    """Louder and softer by turns of half a second."""
    turns = (torch.arange(audio.shape[1]) // (RATE // 2)) % 2
    return audio * torch.where(turns == 1, 0.1, 1.0)


def clipped(audio: Tensor) -> Tensor:
    loud = audio.abs().max()
    return torch.tanh(audio / loud * 20.0) * loud


def echoing(audio: Tensor) -> Tensor:
    noise = torch.from_numpy(white_noise(0.8, RATE, seed=9)[0])
    tail = noise * torch.exp(-torch.arange(len(noise)) / (0.2 * RATE))
    length = audio.shape[1] + len(tail)
    wet = torch.fft.irfft(torch.fft.rfft(audio, length) * torch.fft.rfft(tail, length), length)
    return audio + wet[:, : audio.shape[1]]


def softened(audio: Tensor) -> Tensor:
    """Every attack drawn out: a slow attack follows the envelope."""
    kernel = torch.ones(1, 1, 1_600) / 1_600
    envelope = torch.nn.functional.conv1d(audio.abs()[:, None], kernel, padding=800)[:, 0]
    fast = torch.nn.functional.conv1d(audio.abs()[:, None], torch.ones(1, 1, 81) / 81, padding=40)[
        :, 0
    ]
    return audio * (envelope[:, : audio.shape[1]] / (fast + 1e-4)).clamp(max=1.0)


def narrowed(audio: Tensor) -> Tensor:
    return audio.mean(0, keepdim=True).expand(2, -1)


def with_penalty(audio: Tensor) -> Tensor:
    return audio * torch.tensor([[2.0], [0.5]])


def bright_when_loud(audio: Tensor) -> Tensor:
    """What is loud gets brighter, what is soft stays."""
    loud = audio.abs().amax(0).unfold(0, 801, 1).amax(-1)
    loud = torch.nn.functional.pad(loud, (400, 400)) / audio.abs().max()
    return audio + 3.0 * (filtered(audio) - audio) * loud**2


def noisy(audio: Tensor) -> Tensor:
    """Something between the partials."""
    noise = torch.from_numpy(white_noise(audio.shape[1] / RATE, RATE, seed=5, channels=2))
    return audio + 0.05 * noise * audio.abs().max()


CHANGES = {
    "spectrum": filtered,
    "loudness": lambda audio: 2.0 * audio,
    "event level": lambda audio: 2.0 * audio,
    "level spread": gated,
    "band dynamics": gated,
    "attacks": softened,
    "crest": clipped,
    "harmonic density": noisy,
    "tone over loudness": bright_when_loud,
    "decay": echoing,
    "width": narrowed,
    "balance": with_penalty,
}


@EVERY
def test_it_grows_when_its_property_is_changed(loss):
    audio = music()
    assert distance(loss, audio, CHANGES[loss.name](audio)) > 0.4


@EVERY
def test_its_gradient_points_to_the_reference(loss):
    audio, other = music(4.0), CHANGES[loss.name](music(4.0))
    recording = Descriptors(audio, RATE)
    (it,) = targets([loss], recording, recording, [Descriptors(other, RATE)])
    share = torch.tensor(0.5, requires_grad=True)
    it.distance(Descriptors(audio + share * (other - audio), RATE)).backward()
    assert share.grad is not None and torch.isfinite(share.grad) and share.grad < 0.0


def test_mono_has_no_width():
    mono = music()[:1]
    recording = Descriptors(mono, RATE)
    found = {each.loss.name for each in targets(LOSSES, recording, recording, [recording])}
    assert "width" not in found and "balance" not in found


def test_what_references_differ_in_counts_less():
    audio = music()
    recording = Descriptors(audio, RATE)
    loss = next(each for each in LOSSES if each.name == "loudness")
    loud, soft = Descriptors(4.0 * audio, RATE), Descriptors(audio, RATE)
    (agreed,) = targets([loss], recording, recording, [loud])
    (mixed,) = targets([loss], recording, recording, [loud, soft])
    assert float(mixed.distance(recording)) < 0.25 * float(agreed.distance(recording))


def test_sparse_hits_are_played_at_the_level_of_what_is_steady():
    """At equal loudness they would stand far above it."""
    steady = torch.from_numpy(white_noise(8.0, RATE, channels=2).astype(np.float32))
    moment = torch.arange(steady.shape[1]) % RATE
    hits = torch.where(moment < RATE // 10, steady, 0.15 * steady)
    first, second = Descriptors(steady, RATE), Descriptors(hits, RATE)
    louder = float(loudness(first) - loudness(second))
    assert louder > 6.0
    assert abs(float(event_level(first) - event_level(second))) < 0.4 * louder


def test_few_octaves_are_played_at_the_level_of_a_full_sound():
    """At equal loudness they would stand below it; a gain moves both alike."""
    full = torch.from_numpy(white_noise(8.0, RATE, channels=2).astype(np.float32))
    spectrum = torch.fft.rfft(full)
    hz = torch.fft.rfftfreq(full.shape[1], 1.0 / RATE)
    narrow = torch.fft.irfft(spectrum * ((hz > 250.0) & (hz < 1_000.0)), n=full.shape[1])
    recording = [Descriptors(full, RATE), Descriptors(narrow, RATE)]
    levelled = [float(event_level(each) - loudness(each)) for each in recording]
    assert levelled[1] < levelled[0] - 3.0
    louder = Descriptors(4.0 * narrow, RATE)
    expected = float(event_level(recording[1])) + 20.0 * np.log10(4.0)
    assert float(event_level(louder)) == pytest.approx(expected, abs=0.05)


def test_between_instruments_a_small_difference_of_level_is_none():
    recording = Descriptors(music(), RATE)
    for change_db in (-4.0, -1.0, 1.0, 4.0):
        (it,) = targets(
            [EVENT_LEVEL],
            recording,
            recording,
            [Descriptors(10 ** (change_db / 20) * music(), RATE)],
        )
        assert float(it.difference(recording)) == pytest.approx(change_db, abs=0.05)
        within = max(abs(change_db) - EVENT_LEVEL.slack, 0.0) * np.sign(change_db)
        assert float(it.difference(recording, 1.0)) == pytest.approx(within, abs=0.05)
        expected = (within / EVENT_LEVEL.within_scale) ** 2
        assert float(it.distance(recording, 1.0)) == pytest.approx(expected, abs=0.05)


def test_the_input_s_own_level_has_no_slack():
    recording = Descriptors(music(), RATE)
    (it,) = targets([OWN_LOUDNESS], recording, recording, [recording])
    louder = Descriptors(10 ** (1.0 / 20) * music(), RATE)
    assert float(it.difference(louder, 1.0)) == pytest.approx(-1.0, abs=0.05)


@EVERY
def test_hits_shorter_than_what_is_measured_are_described(loss):
    hits = music() * torch.exp(-(torch.arange(8 * RATE) % (RATE // 2)) / (0.01 * RATE))
    assert torch.isfinite(loss.describe(Descriptors(hits, RATE))).all()
    assert (
        loss.describe(Descriptors(hits, RATE)).shape
        == loss.describe(Descriptors(music(), RATE)).shape
    )


@pytest.mark.parametrize(("own", "other"), [(1, 2), (2, 1)])
def test_a_width_that_only_one_of_them_has_is_no_target(own, other):
    recording, reference = Descriptors(music()[:own], RATE), Descriptors(music()[:other], RATE)
    found = {each.loss.name for each in targets(LOSSES, recording, recording, [reference])}
    assert "spectrum" in found and "width" not in found
