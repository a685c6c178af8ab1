"""Options that several commands have, each written once."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fxchain.matching.options import MatchOptions

DEFAULT_SECONDS = 60.0


class Polarity(StrEnum):
    """Polarity of the wet recording against the dry."""

    SAME = "+"
    INVERTED = "-"

    @property
    def sign(self) -> int:
        """Return +1 or -1."""
        return 1 if self is Polarity.SAME else -1


Force = Annotated[bool, typer.Option("--force", help="Write into a folder that has files in it.")]
Seconds = Annotated[
    float | None, typer.Option(help="How long to search.", show_default=f"{DEFAULT_SECONDS:g}")
]
Iterations = Annotated[
    int | None,
    typer.Option(help="How many steps to search instead; the results then repeat exactly."),
]
Seed = Annotated[int, typer.Option(help="Another seed searches otherwise.")]
Threads = Annotated[int, typer.Option(help="Results repeat for an equal number.")]
Device = Annotated[
    str, typer.Option(help="What computes slopes: cpu, cuda, or cuda:N for one of several GPUs.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Use a Dask cluster, as in tcp://host:8786; it must see the same files.",
    ),
]
ChainName = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="default, compressor-first, amp, eq, dynamics, drive, space, or a file: the stage of "
        "a preset, of which what is left out is searched.",
    ),
]
OnlyPedalboard = Annotated[
    bool, typer.Option("--only-pedalboard", help="Use only effects that pedalboard has.")
]
OnlyKnobs = Annotated[
    bool,
    typer.Option("--only-knobs", "--no-ir", help="Knobs alone: nothing measured from the pair."),
]
Without = Annotated[
    list[str] | None,
    typer.Option(metavar="KINDS", help="Effects to leave out, as in reverb,delay."),
]
Lock = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KNOB=VALUE",
        help="Fix a knob, as in compressor.ratio=4 or chain[3].q=1; may be repeated.",
    ),
]
Plugin = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH[:NAME]",
        help="A plug-in (VST3, Audio Unit) whose settings are searched; several stand in series. "
        "With another chain than default, behind it.",
    ),
]
Knobs = Annotated[
    int | None,
    typer.Option(help="At most so many knobs; of the chains within, the most accurate is taken."),
]
Stages = Annotated[int | None, typer.Option(help="At most so many effects, likewise.")]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="MACRO=VALUE",
        help="Turn a macro of the preset, as in tone=7; may be repeated.",
    ),
]
CorrectDrift = Annotated[
    bool,
    typer.Option(
        "--correct-drift", help="Take the drift of its clock out of the wet, where there is one."
    ),
]
CorrectFlutter = Annotated[
    bool,
    typer.Option(
        "--correct-flutter",
        help="Take wow and flutter out of the wet, as of a tape: its lag that wanders over time.",
    ),
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Match recordings that seem to have nothing in common.")
]
Start = Annotated[
    Path | None,
    typer.Option(metavar="PRESET", help="Search this chain, starting from its settings."),
]
LatencySamples = Annotated[
    float | None, typer.Option(help="How late the wet is, instead of searching for it.")
]
WetPolarity = Annotated[
    Polarity | None, typer.Option(help="Which way round the wet is, instead of searching.")
]


def limits(seconds: float | None, iterations: int | None) -> dict[str, Any]:
    """Return the limit of a search.

    Raises:
        typer.BadParameter: both are given.
    """
    if seconds is not None and iterations is not None:
        raise typer.BadParameter("give either --seconds or --iterations")
    return {"seconds": DEFAULT_SECONDS if seconds is None else seconds, "iterations": iterations}


def match_options(given: dict[str, Any]) -> "MatchOptions":
    """Return the options of a match.

    Args:
        given: values by the names of `MatchOptions`, as click parses them; `only_knobs` stands for
            `measured_response`

    Raises:
        typer.BadParameter: seconds and iterations are given.
    """
    from fxchain.matching.options import MatchOptions

    polarity, start = given.pop("polarity", None), given.pop("start", None)
    measured = given.pop("measured", None)
    return MatchOptions(
        **limits(given.pop("seconds"), given.pop("iterations")),
        without=tuple(kind for kinds in given.pop("without") or () for kind in split(kinds)),
        lock=tuple(given.pop("lock") or ()),
        plugin=tuple(given.pop("plugin", None) or ()),
        measured_response=not given.pop("only_knobs"),
        polarity=None if polarity is None else Polarity(polarity).sign,
        start=None if start is None else str(start),
        measured=None if measured is None else str(measured),
        **given,
    )


def split(names: str) -> list[str]:
    """Return the names in a list with commas."""
    return [name.strip() for name in names.split(",") if name.strip()]
