"""`fxchain benchmark`: fxchain beside the networks guitarists train, on the same pairs."""

from pathlib import Path
from typing import Annotated

import typer

from fxchain.cli.held_folders import hold
from fxchain.cli.options import split


def benchmark(
    pairs: Annotated[
        list[Path],
        typer.Argument(
            metavar="PAIRS",
            help="A CSV file with the columns dry,wet (and id, device, effect, delay_ms, and those "
            "of match --pairs); or one dry and one wet file.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="The folder for the results; one of an earlier run is gone on with."
        ),
    ],
    methods: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Of unprocessed, best_gain, best_linear_filter, fxchain, only_pedalboard, gru, "
            "lstm_second_order, lstm, wavenet, wavenet_small, and nam, nam_lite, nam_standard "
            "(extra benchmark), with commas.",
            show_default="all but wavenet_small and those of NAM",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long each method may search.")] = 60.0,
    iterations: Annotated[
        int | None,
        typer.Option(help="How many steps each may make instead; the figures then repeat."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of whatever is drawn.")] = 0,
    threads: Annotated[int, typer.Option(help="How many each method may use.")] = 2,
    listening_test: Annotated[
        bool,
        typer.Option("--listening-test", help="Write clips and a webMUSHRA configuration too."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Measure again what was measured with other settings."),
    ] = False,
) -> None:
    """Compare fxchain with WaveNet, LSTM and a linear filter, with equal time and samples."""
    if len(pairs) > 2:
        raise typer.BadParameter("give one manifest, or one dry and one wet file")
    import fxchain.benchmarking.benchmark as library
    from fxchain.benchmarking.methods import DEFAULT_METHODS
    from fxchain.cli.benchmark_progress import benchmark_progress

    hold(out)
    names = DEFAULT_METHODS if methods is None else split(methods)
    try:
        with benchmark_progress() as progress:
            results = library.benchmark(
                pairs[0],
                out,
                wet=pairs[1] if len(pairs) == 2 else None,
                methods=names,
                seconds=seconds,
                iterations=iterations,
                seed=seed,
                threads=threads,
                listening_test=listening_test,
                force=force,
                progress=progress,
            )
    except KeyboardInterrupt:
        typer.echo(
            f"stopped; what was measured is kept in {out}, the same command goes on from there",
            err=True,
        )
        raise typer.Exit(130) from None
    typer.echo((out / "results.md").read_text(encoding="utf-8"))
    failed = [row for row in results.rows if "error" in row]
    for row in failed:
        typer.echo(f"failed: {row['case']}, {row['method']}: {row['error']}", err=True)
    if failed:
        raise typer.Exit(1)
