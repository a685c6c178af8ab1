"""What can go wrong, as a tree.

    FxchainError
    ├── AudioError       a file or array that is missing, unreadable, empty, silent, not finite …
    ├── PresetError      a preset that is malformed, newer than this program, or out of range
    ├── ParameterError   a control's value that is unknown, not finite or outside its range
    ├── ExportError      a stage that pedalboard cannot play
    ├── OutputError      an output that exists, or cannot be written
    ├── PluginError      a plug-in of another maker that is missing, another one, hangs or crashes
    └── MatchError       recordings that cannot be matched, or an option that makes no sense

Every message says what is wrong, with which file, stage or parameter, and what to do. The
commands print it as one line and exit with code 2.
"""


class FxchainError(Exception):
    """Whatever fxchain refuses; `str(error)` is the sentence a user reads."""


class AudioError(FxchainError, ValueError):
    """A recording cannot be used."""


class PresetError(FxchainError, ValueError):
    """A preset cannot be used."""


class ParameterError(FxchainError, ValueError):
    """A control's value cannot be used."""


class ExportError(FxchainError, ValueError):
    """A chain cannot be written in the wanted form."""


class OutputError(FxchainError, OSError):
    """A result cannot be written where it was wanted."""


class MatchError(FxchainError, ValueError):
    """A pair of recordings cannot be matched."""


class PluginError(FxchainError, RuntimeError):
    """A plug-in of another maker cannot be used."""
