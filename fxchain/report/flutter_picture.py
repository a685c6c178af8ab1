"""The lags of wet recordings that wandered, over time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot

_WIDTH, _HEIGHT = 760, 200


@dataclass(frozen=True)
class WanderingLag:
    """What was taken out of one wet recording.

    Attributes:
        pair: name of the pair; an empty string where there is one alone
        deviation_ms: of the lag, RMS
        speed_percent: of the speed, RMS
        picture: the lag over time
    """

    pair: str
    deviation_ms: float
    speed_percent: float
    picture: Picture


def wandering_lags(metrics: Mapping[str, Any]) -> list[WanderingLag]:
    """Return what was taken out of each wet, of one pair or of several.

    Args:
        metrics: of `metrics.json`
    """
    rows = metrics.get("pairs") or [{**metrics, "id": ""}]
    return [
        WanderingLag(row["id"], found["deviation_ms"], found["speed_percent"], picture)
        for row in rows
        if (found := row.get("flutter")) and (picture := flutter_picture(found))
    ]


def flutter_picture(flutter: Mapping[str, Any] | None) -> Picture | None:
    """Draw the lag that was taken out of a wet.

    Args:
        flutter: of `metrics.json`
    """
    if flutter is None or len(flutter["lag_ms"]) < 2:
        return None
    lags = np.array(flutter["lag_ms"])
    times = float(flutter["knot_seconds"]) * np.arange(len(lags))
    slack = 0.05 * float(np.ptp(lags)) + 1e-3
    plot = Plot(
        Axis("time, s", 0.0, float(times[-1])),
        Axis("lag, ms", float(lags.min()) - slack, float(lags.max()) + slack),
        "The lag of the wet beyond its latency, over time",
        _WIDTH,
        _HEIGHT,
    )
    plot.line(times, lags, "strong")
    return Picture(plot.svg(), "", (("strong", "taken out of the wet"),))
