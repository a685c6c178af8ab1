"""The command that repeats a transfer."""

from collections.abc import Sequence

from fxchain.session.command_line import command_line, file_name
from fxchain.transferring.dimensions import DIMENSIONS
from fxchain.transferring.options import TransferOptions
from fxchain.transferring.style_chain import STYLE


def repeat_command(files: Sequence[str], options: TransferOptions) -> str:
    """Return the command line that repeats the transfer in the folder of the recordings.

    Args:
        files: names of the input and of the references
        options: of the transfer
    """
    words = ["fxchain", "transfer", *files, "--out", "again"]
    if options.preset is not None:
        words += ["--from", file_name(options.preset, "preset.json")]
    if options.amount != TransferOptions.amount:
        words += ["--amount", f"{options.amount:g}"]
    if options.match != DIMENSIONS:
        words += ["--match", ",".join(options.match)]
    if options.preset is None:
        words += _search_options(options)
    if options.threads != TransferOptions.threads:
        words += ["--threads", str(options.threads)]
    return command_line(words, files)


def _search_options(options: TransferOptions) -> list[str]:
    """Return the options that only a search has."""
    words = []
    if str(options.chain) != STYLE:
        words += ["--chain", file_name(options.chain, "")]
    if options.iterations is not None:
        words += ["--iterations", str(options.iterations)]
    else:
        words += ["--seconds", f"{options.seconds:g}"]
    if options.seed:
        words += ["--seed", str(options.seed)]
    return words
