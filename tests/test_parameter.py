"""Ranges: positions and values, one to one, and never outside."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fxchain.errors import ParameterError
from fxchain.parameter import ParameterSpec
from fxchain.primitives import REGISTRY
from fxchain.stage import WEIGHT

SPECS = {
    **{
        f"{kind}.{spec.name}": spec
        for kind, primitive in REGISTRY.items()
        for spec in primitive.parameters
    },
    "mix.weight": WEIGHT,
}
every_spec = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS.keys())


def positions() -> torch.Tensor:
    return torch.linspace(0.0, 1.0, 101, dtype=torch.float64, requires_grad=True)


@every_spec
def test_a_position_survives_the_way_to_a_value_and_back(spec: ParameterSpec) -> None:
    for position in positions().tolist():
        value = spec.denormalize(torch.tensor(position, dtype=torch.float64)).item()
        # a choice is the nearest of a few
        apart = 0.5 / (len(spec.choices) - 1) if spec.choices else 0.0
        assert spec.normalize(value) == pytest.approx(position, abs=apart + 1e-12)


@every_spec
def test_the_slope_is_finite_and_positive_on_the_whole_range(spec: ParameterSpec) -> None:
    at = positions()
    (slope,) = torch.autograd.grad(spec.denormalize(at).sum(), at)
    assert torch.isfinite(slope).all()
    assert (slope > 0).all()


@every_spec
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_no_position_leaves_the_range(spec: ParameterSpec, dtype: torch.dtype) -> None:
    at = torch.tensor([-1e30, -1.0, -1e-9, 0.0, 1.0, 1.0 + 1e-9, 7.0, 1e30], dtype=dtype)
    for value in spec.denormalize(at).double().tolist():
        assert spec.low <= value <= spec.high or dtype == torch.float32
        assert value == pytest.approx(min(max(value, spec.low), spec.high), rel=1e-7)


@every_spec
def test_the_ends_are_exact(spec: ParameterSpec) -> None:
    ends = spec.denormalize(torch.tensor([0.0, 1.0], dtype=torch.float64)).tolist()
    assert ends == pytest.approx([spec.low, spec.high], rel=1e-12)
    assert [spec.check(value) for value in ends] == ends
    assert (spec.normalize(spec.low), spec.normalize(spec.high)) == (0.0, 1.0)


@given(st.floats(allow_nan=False))
def test_normalize_stays_between_zero_and_one(value: float) -> None:
    for spec in (SPECS["gain.gain_db"], SPECS["peak_filter.q"]):
        assert 0.0 <= spec.normalize(value) <= 1.0


@pytest.mark.parametrize(
    "value",
    [True, "3", None, [1.0], 1j, math.nan, math.inf, -math.inf, 10**400, -(10**400), 99.0, -40.001],
    ids=lambda value: repr(value)[:12],
)
def test_a_bad_value_is_refused_by_name(value: object) -> None:
    with pytest.raises(ParameterError, match="gain_db"):
        SPECS["gain.gain_db"].check(value)


@pytest.mark.parametrize("value", [0, 40, -40.0, 1e-300], ids=repr)
def test_a_good_value_becomes_a_float(value: float) -> None:
    checked = SPECS["gain.gain_db"].check(value)
    assert checked == value
    assert type(checked) is float


def test_the_message_names_range_and_unit() -> None:
    with pytest.raises(ParameterError, match=r"gain_db = 99 is outside \[-40, 40\] dB"):
        SPECS["gain.gain_db"].check(99)


@pytest.mark.parametrize(
    ("low", "high", "default", "scale"),
    [(1.0, 1.0, 1.0, "linear"), (2.0, 1.0, 1.5, "linear"), (0.0, 1.0, 0.5, "log")],
)
def test_a_range_that_cannot_be_is_refused(
    low: float, high: float, default: float, scale: str
) -> None:
    with pytest.raises(ParameterError):
        ParameterSpec("x", "", low, high, default, scale)  # type: ignore[arg-type]


def test_a_default_outside_the_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="outside"):
        ParameterSpec("x", "", 0.0, 1.0, 2.0)
