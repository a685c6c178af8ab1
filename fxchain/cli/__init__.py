"""The command line, one file per command.

Only light libraries are imported here: torch and pedalboard wait until a command runs, so that
`fxchain --help` is instant.
"""

from fxchain.cli.app import app, main
from fxchain.cli.batch import batch
from fxchain.cli.benchmark import benchmark
from fxchain.cli.dataset import dataset
from fxchain.cli.demo import demo
from fxchain.cli.doctor import doctor
from fxchain.cli.export import export
from fxchain.cli.match import match
from fxchain.cli.measure import measure
from fxchain.cli.plugins import plugins
from fxchain.cli.primitives import primitives
from fxchain.cli.render import render
from fxchain.cli.show import show
from fxchain.cli.simplify import simplify
from fxchain.cli.studio import studio
from fxchain.cli.synth import synth
from fxchain.cli.transfer import transfer

app.command()(match)
app.command()(batch)
app.command()(transfer)
app.command()(demo)
app.command()(benchmark)
app.command()(measure)
app.command()(dataset)
app.add_typer(synth, name="synth")
app.command()(render)
app.command()(show)
app.command()(simplify)
app.command()(export)
app.command()(studio)
app.command()(primitives)
app.command()(plugins)
app.command()(doctor)

__all__ = ["app", "main"]
