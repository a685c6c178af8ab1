"""The filters' coefficients against another library's."""

import pytest
import torch
from dasp_pytorch.signal import biquad

from fxchain.primitives import get_primitive

KINDS = {
    "peak_filter": "peaking",
    "low_shelf_filter": "low_shelf",
    "high_shelf_filter": "high_shelf",
}


@pytest.mark.parametrize("kind", KINDS)
def test_biquads_are_the_cookbooks(kind: str) -> None:
    generator = torch.Generator().manual_seed(0)
    frequency = 40.0 * 300.0 ** torch.rand(50, generator=generator, dtype=torch.float64)
    gain = 48.0 * torch.rand(50, generator=generator, dtype=torch.float64) - 24.0
    q = 0.1 * 100.0 ** torch.rand(50, generator=generator, dtype=torch.float64)
    b, a = biquad(gain, frequency, q, 44_100.0, KINDS[kind])
    sections = get_primitive(kind).sections
    assert sections is not None
    ours = sections(44_100.0, cutoff_frequency_hz=frequency, gain_db=gain, q=q)[:, 0]
    theirs = torch.cat([b.reshape(50, 3), a.reshape(50, 3)], dim=1)
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
