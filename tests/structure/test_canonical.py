"""The canonical form of a chain sounds the same, and equal sounds get equal forms."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from fxchain.data.presets import random_stage, random_values
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.preset.effects import effects_of
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.plugins import has_opaque

RATE = 44_100.0


def effect(kind: str, **parameters: float) -> dict[str, Any]:
    return {"primitive": kind, "parameters": parameters}


def mix(*branches: tuple[float, Sequence[Any]]) -> dict[str, Any]:
    return {"mix": [{"weight": weight, "chain": list(nodes)} for weight, nodes in branches]}


def chain(*nodes: Any, locked: Sequence[str] = ()) -> Candidate:
    """Return a candidate, free but for the controls of these names (`kind.parameter`)."""
    stage, values, _ = parse_chain({"chain": list(nodes)}, "the chain")
    free = np.array([slot.name not in locked for slot in stage.slots()], dtype=bool)
    return Candidate(stage, values, free)


def play(candidate: Candidate, seed: int = 0) -> np.ndarray:
    """Play stereo noise in float64."""
    audio = torch.from_numpy(np.random.default_rng(seed).standard_normal((1, 2, 4_000)) * 0.3)
    values = torch.tensor(candidate.values)[None]
    return candidate.stage.process(audio, Playback(RATE), values)[0].numpy()


def null_db(one: Candidate, other: Candidate) -> float:
    expected, found = play(one), play(other)
    error = np.square(expected - found).sum() / max(np.square(expected).sum(), 1e-12)
    return float(10.0 * np.log10(error + 1e-30))


def kinds(candidate: Candidate) -> list[str]:
    placed = effects_of(candidate.stage, candidate.values)
    return [each.effect.primitive.kind for each in placed]


def knobs(candidate: Candidate) -> dict[str, float]:
    slots = candidate.stage.slots()
    return {slot.name: float(value) for slot, value in zip(slots, candidate.values, strict=True)}


def assert_same_form(one: Candidate, other: Candidate) -> None:
    first, then = canonical(one), canonical(other)
    assert first.stage == then.stage
    np.testing.assert_allclose(first.values, then.values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_it_sounds_the_same_and_has_a_canonical_form_that_stays(seed: int) -> None:
    rng = np.random.default_rng([17, seed])
    stage = random_stage(rng, int(rng.integers(1, 9)), depth=3)
    values = random_values(stage, rng)
    free = rng.random(stage.size) < (1.0 if seed % 3 else 0.8)
    found = Candidate(stage, values, free)
    form = canonical(found)
    # what an opaque effect decides from moment to moment may follow the rounding in front of it
    assert null_db(found, form) < (-80.0 if has_opaque(stage) else -90.0)
    again = canonical(form)
    assert again.stage == form.stage
    np.testing.assert_allclose(again.values, form.values, rtol=1e-7, atol=1e-9)


DRIVE, CLIP = effect("distortion", drive_db=12.0), effect("clipping", threshold_db=-12.0)
PEAK = effect("peak_filter", cutoff_frequency_hz=900.0, gain_db=6.0, q=1.0)
SHELF = effect("low_shelf_filter", cutoff_frequency_hz=200.0, gain_db=-4.0, q=0.7)
OTHER_SHELF = effect("high_shelf_filter", cutoff_frequency_hz=200.0, gain_db=4.0, q=0.7)
LOW, HIGH = (
    effect(f"{kind}pass_filter", cutoff_frequency_hz=f)
    for kind, f in (("low", 6e3), ("high", 90.0))
)
COMPRESSOR = effect("compressor", threshold_db=-24.0, ratio=4.0, attack_ms=5.0, release_ms=80.0)
ECHO = effect("delay", delay_seconds=0.01, feedback=0.3, mix=0.3)
ROOM = effect("reverb", room_size=0.4, damping=0.5, wet_level=0.2, dry_level=0.3, width=1.0)
RING = effect("ring_modulator", carrier_frequency_hz=300.0, phase_degrees=0.0, mix=0.5)


def gain(gain_db: float) -> dict[str, Any]:
    return effect("gain", gain_db=gain_db)


CLEAN: tuple[float, Sequence[Any]] = (0.4, ())


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([gain(3.0), gain(-3.0)], []),
        ([gain(4.0), PEAK, gain(2.0)], ["peak_filter", "gain"]),
        ([gain(4.0), DRIVE, PEAK], ["distortion", "peak_filter"]),
        ([gain(-4.0), COMPRESSOR, PEAK], ["compressor", "peak_filter", "gain"]),
        ([gain(4.0), ROOM], ["reverb"]),
        ([ROOM, CLIP, gain(3.0)], ["reverb", "clipping"]),
        ([gain(4.0), mix(CLEAN, (0.5, [gain(-3.0), CLIP, gain(2.0)])), gain(2.0)], ["clipping"]),
        ([CLIP, DRIVE], ["distortion", "clipping"]),
        ([CLIP, gain(5.0), DRIVE, gain(-1.0), CLIP], ["distortion", "clipping", "gain"]),
        ([CLIP, PEAK, CLIP], ["clipping", "peak_filter", "clipping"]),
        (
            [gain(1.0), ROOM, ECHO, PEAK, LOW, SHELF, HIGH],
            [
                *("highpass_filter", "lowpass_filter", "low_shelf_filter", "peak_filter"),
                *("delay", "reverb"),
            ],
        ),
        ([{"chain": [PEAK, {"chain": [DRIVE]}]}], ["peak_filter", "distortion"]),
        ([mix((2.0, [DRIVE]))], ["distortion", "gain"]),
        ([mix((-1.0, [DRIVE]))], ["distortion", "invert"]),
        ([effect("invert"), DRIVE, effect("invert")], ["distortion"]),
        ([mix(CLEAN, (0.6, ()))], []),
        ([mix(CLEAN, (0.0, [DRIVE]), (0.6, ()))], []),
        ([mix((0.5, [DRIVE]), (0.5, [DRIVE]))], ["distortion"]),
        ([mix(CLEAN, (0.5, [mix(CLEAN, (0.3, [DRIVE]))]))], ["distortion"]),
        ([mix(CLEAN, (0.7, [ECHO]))], ["delay", "gain"]),
        ([mix((0.3, [RING]), CLEAN)], ["ring_modulator", "gain"]),
        ([mix(CLEAN, (0.7, [ROOM]))], ["reverb"]),
        ([mix((-0.4, ()), (0.3, [ROOM]))], ["reverb"]),
        ([mix(CLEAN, (0.7, [ECHO, DRIVE]))], ["delay", "distortion"]),
        ([effect("waveshaper", drive_db=12.0, bias=0.0)], ["distortion"]),
        ([effect("waveshaper", drive_db=12.0, bias=0.1)], ["waveshaper"]),
        ([effect("peak_filter", gain_db=0.0), effect("compressor", ratio=1.0)], []),
        ([effect("reverb", wet_level=0.0, dry_level=1.0)], ["gain"]),
        ([SHELF], ["low_shelf_filter"]),
        ([OTHER_SHELF, gain(-4.0)], ["low_shelf_filter"]),
        ([OTHER_SHELF], ["high_shelf_filter"]),
        ([OTHER_SHELF, DRIVE], ["low_shelf_filter", "distortion"]),
        (
            [DRIVE, OTHER_SHELF, CLIP, gain(-2.0)],
            ["distortion", "low_shelf_filter", "clipping", "gain"],
        ),
        ([mix(CLEAN, (0.5, [DRIVE, OTHER_SHELF]))], ["distortion", "low_shelf_filter"]),
        ([PEAK, RING, SHELF], ["peak_filter", "ring_modulator", "low_shelf_filter"]),
        ([gain(2.0), RING], ["ring_modulator", "gain"]),
    ],
)
def test_what_says_nothing_new_goes(nodes: list[Any], expected: list[str]) -> None:
    found = chain(*nodes)
    assert kinds(canonical(found)) == expected
    assert null_db(found, canonical(found)) < -100.0


@pytest.mark.parametrize("wet", [ECHO, RING, ROOM])
def test_the_clean_signal_beside_what_blends_with_it_is_no_branch(wet: dict[str, Any]) -> None:
    found = canonical(chain(mix(CLEAN, (0.7, [wet]))))
    assert "mix" not in {slot.kind for slot in found.stage.slots()}


def test_gains_and_levels_are_found_where_the_form_puts_them() -> None:
    assert knobs(canonical(chain(gain(4.0), DRIVE)))["distortion.drive_db"] == pytest.approx(16.0)
    form = knobs(canonical(chain(gain(4.0), CLIP)))
    assert form["clipping.threshold_db"] == pytest.approx(-16.0)
    assert form["gain.gain_db"] == pytest.approx(4.0)
    form = knobs(canonical(chain(effect("clipping", threshold_db=-20.0), PEAK, DRIVE, gain(1.0))))
    assert form["distortion.drive_db"] == 12.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([ROOM, DRIVE], [gain(-2.0), ROOM, effect("distortion", drive_db=14.0)]),
        ([mix(CLEAN, (0.4, [CLIP]))], [mix((0.2, [CLIP]), (0.2, ())), gain(20 * np.log10(2.0))]),
        (
            [gain(-3.0), CLIP, COMPRESSOR],
            [effect("clipping", threshold_db=-9.0), gain(-3.0), COMPRESSOR],
        ),
        (
            [gain(6.0), mix(CLEAN, (0.4, [DRIVE])), COMPRESSOR],
            [
                mix((0.4 * 10**0.3, ()), (0.4, [effect("distortion", drive_db=18.0)])),
                COMPRESSOR,
            ],
        ),
    ],
)
def test_equal_sounds_have_one_form(one: list[Any], other: list[Any]) -> None:
    assert null_db(chain(*one), chain(*other)) < -100.0
    assert_same_form(chain(*one), chain(*other))


def test_a_locked_value_stays_with_its_stage() -> None:
    found = chain(gain(4.0), DRIVE, locked=("distortion.drive_db",))
    form = canonical(found)
    assert kinds(form) == ["gain", "distortion"]
    assert knobs(form) == knobs(found)
    assert list(form.free) == [True, False]
    assert kinds(canonical(chain(gain(0.0), locked=("gain.gain_db",)))) == ["gain"]
    assert kinds(canonical(chain(gain(4.0), CLIP, locked=("clipping.threshold_db",)))) == [
        "gain",
        "clipping",
    ]
    weights = canonical(chain(mix(CLEAN, (0.5, [DRIVE])), gain(3.0), locked=("mix.weight",)))
    assert kinds(weights) == ["distortion", "gain"]


def test_what_is_fixed_for_mono_does_not_keep_a_reverb() -> None:
    quiet = effect("reverb", wet_level=0.0, dry_level=0.5)
    assert kinds(canonical(chain(quiet, locked=("reverb.width",)))) == []
    assert kinds(canonical(chain(quiet, locked=("reverb.dry_level",)))) == ["reverb"]
    wide = effect("stereo", width=1.0, balance_db=0.0)
    assert kinds(canonical(chain(wide, locked=("stereo.width",)))) == ["stereo"]


def test_a_gain_stays_where_a_threshold_would_leave_its_range() -> None:
    found = chain(gain(-6.0), effect("clipping", threshold_db=-3.0))
    assert kinds(canonical(found)) == ["gain", "clipping"]
    assert null_db(found, canonical(found)) < -100.0


def test_stages_keep_their_ids() -> None:
    found = chain(gain(4.0), PEAK, DRIVE, CLIP)
    placed = effects_of(found.stage, found.values)
    before = {each.effect.primitive.kind: each.effect.id for each in placed}
    form = canonical(found)
    for each in effects_of(form.stage, form.values):
        assert each.effect.id == before[each.effect.primitive.kind]
    assert form.stage.id == found.stage.id  # type: ignore[attr-defined]
