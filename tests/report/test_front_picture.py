"""The picture of the chains to choose from."""

from typing import Any

import pytest

from fxchain.report.front_picture import front_picture


def chain(knobs: int, error: float, chosen: bool = False) -> dict[str, Any]:
    """Return what `metrics.json` says of a chain."""
    return {"knobs": knobs, "judged_error": error, "chosen": chosen}


def test_every_chain_is_a_dot_and_the_chosen_one_a_stem() -> None:
    found = front_picture([chain(0, 0.5), chain(3, 1e-2, chosen=True), chain(9, 0.0)])
    assert found is not None
    drawing = str(found.drawing)
    assert drawing.count("<circle") == 4 and drawing.count('class="strong"') == 1
    steps = drawing.split('<polyline class="thin" points="')[1].split('"')[0].split()
    points = [tuple(map(float, each.split(","))) for each in steps]
    across, down = zip(*points, strict=True)
    assert list(across) == sorted(across) and list(down) == sorted(down)


def test_the_line_is_the_least_error_so_far() -> None:
    found = front_picture([chain(1, 1e-2), chain(2, 1e-1), chain(3, 1e-3)])
    assert found is not None
    steps = str(found.drawing).split('<polyline class="thin" points="')[1].split('"')[0].split()
    heights = [float(each.split(",")[1]) for each in steps]
    assert heights[0] == heights[1] == heights[2] == heights[3] < heights[4]


@pytest.mark.parametrize("chains", [[], [chain(1, 0.1, chosen=True)]])
def test_a_single_chain_needs_no_picture(chains: list[dict[str, Any]]) -> None:
    assert front_picture(chains) is None
