"""Findings in words."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from fxchain.matching.findings.finding import Finding, Kind

#: A ratio below this is what rounding leaves of none.
ROUNDING = 1e-14


def sentence(finding: Finding) -> str:
    """Return a finding as a sentence with its figure."""
    return _SENTENCES[finding.kind](finding)


def short(value: float) -> str:
    """Return an error-to-signal ratio in one or two digits: 0.13, 2e-3, 1e-12."""
    if value >= 0.01:
        return f"{value:.2g}"
    if value < ROUNDING:
        return "0"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _decibels(value: float) -> str:
    """Return a level, rounded upwards, with a true minus sign."""
    return f"{math.ceil(value)} dB".replace("-", "−")


def _same(found: Finding) -> str:
    return f"the wet recording is the dry one (error {short(found.figures['error'])})"


def _level(found: Finding) -> str:
    level = f"{found.figures['gain_db']:+.2f} dB".replace("-", "−")
    return f"a gain of {level} explains the wet recording (error {short(found.figures['error'])})"


def _linear(found: Finding) -> str:
    error = short(found.figures["error"])
    return f"a linear, time-invariant filter explains the wet recording (error {error})"


def _even(found: Finding) -> str:
    share = f"{found.figures['even_share']:.0%}"
    return (
        f"the distortion is asymmetric: even harmonics explain {share} of what the odd ones leave"
    )


def _no_echo(found: Finding) -> str:
    return f"no echo above {_decibels(found.figures['bound_db'])}"


def _echo(found: Finding) -> str:
    level = f"{found.figures['level_db']:.0f} dB".replace("-", "−")
    seconds = found.figures["seconds"]
    return f"the strongest echo comes after {seconds:.4f} s, at {level}"


def _no_decay(found: Finding) -> str:
    return f"no reverberation above {_decibels(found.figures['bound_db'])}"


def _without(found: Finding) -> str:
    errors = _instead(found, "error_without")
    return f"without the {found.parts[0]} the error would be {errors}"


def _order(found: Finding) -> str:
    first, then = found.parts
    errors = _instead(found, "error_exchanged")
    if found.told:
        return f"the {first} before the {then}: the other way round the error would be {errors}"
    return f"the {first} before or after the {then}: cannot be told (the error would be {errors})"


def _instead(found: Finding, name: str) -> str:
    return f"{short(found.figures[name])} instead of {short(found.figures['error'])}"


_SENTENCES: Mapping[Kind, Callable[[Finding], str]] = MappingProxyType(
    {
        "same": _same,
        "level": _level,
        "linear": _linear,
        "even": _even,
        "no_echo": _no_echo,
        "echo": _echo,
        "no_decay": _no_decay,
        "without": _without,
        "order": _order,
    }
)
