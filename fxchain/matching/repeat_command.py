"""The command that repeats a match."""

from collections.abc import Sequence

from fxchain.matching.options import MatchOptions
from fxchain.session.command_line import command_line, file_name


def repeat_command(sources: Sequence[str], options: MatchOptions) -> str:
    """Return the command line that repeats a match, in the folder of the recordings.

    Args:
        sources: the words that name the recordings: two files, or `--pairs` and what belongs to it
        options: of the match
    """
    words = ["fxchain", "match", *sources, "--out", "again"]
    if options.iterations is not None:
        words += ["--iterations", str(options.iterations)]
    else:
        words += ["--seconds", f"{options.seconds:g}"]
    if options.seed:
        words += ["--seed", str(options.seed)]
    if str(options.chain) != "default":
        words += ["--chain", file_name(options.chain, "")]
    if options.start is not None:
        words += ["--start", file_name(options.start, "start.json")]
    if options.measured is not None:
        words += ["--measured", file_name(options.measured, "")]
    if options.without:
        words += ["--without", ",".join(options.without)]
    for knob in options.lock:
        words += ["--lock", knob]
    for plugin in options.plugin:
        words += ["--plugin", plugin]
    channels = {"--dry-channel": options.dry_channel, "--wet-channel": options.wet_channel}
    for name, channel in channels.items():
        words += [] if channel is None else [name, str(channel)]
    for name, most in (("--knobs", options.knobs), ("--stages", options.stages)):
        words += [] if most is None else [name, str(most)]
    words += ["--only-pedalboard"] * options.only_pedalboard
    words += ["--only-knobs"] * (not options.measured_response)
    if options.latency_samples is not None:
        words += ["--latency-samples", str(options.latency_samples)]
    if options.polarity is not None:
        words += ["--polarity", "+" if options.polarity > 0 else "-"]
    words += ["--correct-drift"] * options.correct_drift
    words += ["--correct-flutter"] * options.correct_flutter
    words += ["--anyway"] * options.anyway
    if options.threads != MatchOptions.threads:
        words += ["--threads", str(options.threads)]
    if options.device != MatchOptions.device:
        words += ["--device", options.device]
    return command_line(words, sources)
