"""A plug-in that `fxchain export` writes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fxchain.errors import ExportError

if TYPE_CHECKING:
    from fxchain.native import LiveInstrument
    from fxchain.native.plugins import Description, Target
    from fxchain.preset import Preset

#: Formats of plug-ins.
PLUGINS = ("vst3", "clap", "lv2")


@dataclass(frozen=True)
class Wish:
    """What was asked for.

    Attributes:
        form: "vst3", "clap" or "lv2"
        out: the file or folder
        targets: names of machines; none: this one
        channels: that go in; None: as the preset was found
        force: overwrite
    """

    form: str
    out: Path
    targets: list[str]
    channels: int | None
    force: bool

    def check(self) -> None:
        """Refuse what cannot be made, before any work is done.

        Raises:
            ExportError: a name without the ending that hosts look for, an unknown machine.
            OutputError: it exists, or cannot be written.
        """
        from fxchain.files.atomic import check_file_target, check_folder_target

        if self.out.suffix != f".{self.form}" or not self.out.stem:
            raise ExportError(f"{self.out}: hosts look for names that end in .{self.form}")
        self._machines()
        check = check_file_target if self._is_file() else check_folder_target
        check(self.out, self.force)

    def describe(
        self, preset: "Preset", instrument: "LiveInstrument | None" = None
    ) -> "Description":
        """Return a preset as a plug-in.

        Args:
            preset: the chain
            instrument: whose notes go into it

        Raises:
            ExportError: a stage has no real-time code.
        """
        from fxchain.native.plugins import described
        from fxchain.preset.played_macros import live_macros

        return described(
            self.out.stem,
            preset.stage,
            preset.values,
            preset.routing,
            preset.sample_rate,
            self.channels,
            live_macros(preset.stage, preset.macros),
            instrument,
        )

    def write(self, description: "Description") -> None:
        """Write it, complete or not at all.

        Raises:
            ExportError: the compiler is missing or fails.
        """
        from fxchain.export.plugin_bundle import plugin_files
        from fxchain.files.atomic import publishing, replacing

        files = plugin_files(self.form, description, self._machines())
        if self._is_file():
            with replacing(self.out, self.force) as temporary:
                temporary.write_bytes(files[""])
            return
        with publishing(self.out, self.force) as folder:
            for name, data in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)

    def _machines(self) -> "list[Target]":
        from fxchain.native.plugins import own_target, target_named

        return [target_named(name) for name in self.targets] or [own_target()]

    def _is_file(self) -> bool:
        return self.form == "clap" and not any(each.is_macos for each in self._machines())
