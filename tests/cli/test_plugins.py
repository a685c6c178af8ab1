"""`fxchain plugins` lists plug-ins of other makers and their knobs."""

from typer.testing import CliRunner

from fxchain.cli import app
from tests.hosting.plugins import file_of, needs_plugins


@needs_plugins
def test_a_plug_in_and_its_knobs_are_listed():
    result = CliRunner().invoke(app, ["plugins", file_of("ZamDelay")])
    assert result.exit_code == 0
    assert "ZamDelay 4" in result.output and "Damien Zammit" in result.output
    assert "time_ms: 1 to 8000 ms" in result.output and "divisor: 0 " in result.output


def test_a_plug_in_that_is_missing_is_named(tmp_path):
    missing = tmp_path / "None.vst3"
    result = CliRunner().invoke(app, ["plugins", str(missing)])
    assert result.exit_code == 2 and f"there is no {missing}" in result.output
