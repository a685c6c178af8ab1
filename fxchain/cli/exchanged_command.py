"""The command line of a match with dry and wet exchanged, to copy."""

from collections.abc import Callable
from typing import Any

import typer

from fxchain.recordings.pair_check import SWAPPED
from fxchain.session.command_line import command_line


def exchanged_command(context: typer.Context) -> str:
    """Return the command line that was given, with dry and wet exchanged.

    All other options stay, but two: a latency that was given has the other sign, and the folder
    for the results, if one was given, is another one, so that nothing is overwritten.

    Args:
        context: of a `fxchain match` of two files
    """
    given = {**context.params}
    names = [str(given["wet"]), str(given["dry"])]
    if given["latency_samples"] is not None:
        given["latency_samples"] = -given["latency_samples"]
    if given["out"] is not None:
        given["out"] = given["out"].with_name(f"{given['out'].name or 'match'}-exchanged")
    words = []
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        if parameter.param_type_name == "option" and source and source.name == "COMMANDLINE":
            words += _option(parameter.opts[0], given[name])
    return command_line(["fxchain", "match", *names, *words], names)


def offer_exchanged(
    say: Callable[[str], None], context: typer.Context | None, sentence: str
) -> None:
    """Say the command with dry and wet exchanged, where a sentence doubts their order.

    Args:
        say: takes the line
        context: of a `fxchain match`; None where its command line is not known
        sentence: about the recordings
    """
    if context is None or context.params["pairs"] is not None:
        return
    if sentence.startswith(SWAPPED):
        say(f"if they are: {exchanged_command(context)}")


def _option(option: str, value: Any) -> list[str]:
    """Return an option with its value, once for each of several values."""
    if isinstance(value, bool):
        return [option] * value
    if isinstance(value, list | tuple):
        return [word for each in value for word in (option, str(each))]
    if isinstance(value, float):
        return [option, f"{value:.15g}"]
    return [option, str(value)]
