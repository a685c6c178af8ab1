"""`fxchain doctor`: what is installed, what is missing, and how to install it."""

import os
import platform
import shutil

import typer

from fxchain.optim.cores import usable_cores
from fxchain.wording import counted

#: A library of each extra, and what the extra is for.
_EXTRAS = {
    "gradio": ("studio", "the studio"),
    "neural-amp-modeler": ("benchmark", "NAM"),
    "distributed": ("cluster", "a Dask cluster"),
    "ziglang": ("plugins", "live pages and plug-ins"),
}
#: A match leaves some ten MB; below this much free space, bytes, something will not fit.
_LITTLE_SPACE = 1_000_000_000


def doctor() -> None:
    """Print versions, threads, codecs, free disk space, what is missing and how to install it."""
    import tempfile

    from fxchain.session.versions import versions

    installed = versions()
    missing = [name for name, version in installed.items() if version == "not installed"]
    rows = [
        *installed.items(),
        ("system", platform.platform()),
        ("threads", f"{usable_cores()} of {counted(os.cpu_count(), 'core')} may be used"),
        ("audio files", _codecs()),
    ]
    for title, folder in (("working", os.getcwd()), ("temporary", tempfile.gettempdir())):
        rows.append(("disk", f"{_space(folder)} free in the {title} folder {folder}"))
    rows += [(purpose, _extra(library, extra)) for library, (extra, purpose) in _EXTRAS.items()]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        typer.echo(f"{name:<{width}}  {value}")
    if missing:
        typer.echo(f"missing: {', '.join(missing)}; install with: pip install {' '.join(missing)}")
        raise typer.Exit(1)
    typer.echo("nothing that fxchain needs is missing")


def _codecs() -> str:
    """Return which formats can be read, or how to install what reads them."""
    try:
        import soundfile
    except (ImportError, OSError) as error:
        return f"cannot be read ({error}); install with: pip install soundfile"
    return " ".join(sorted(soundfile.available_formats()))


def _space(folder: str) -> str:
    free = shutil.disk_usage(folder).free
    return f"{free / 1e9:.1f} GB" + (" (little: make room)" if free < _LITTLE_SPACE else "")


def _extra(library: str, extra: str) -> str:
    """Return the version of an optional library, or how to install it."""
    from importlib import metadata

    try:
        return f"{library} {metadata.version(library)}"
    except metadata.PackageNotFoundError:
        return f"not installed; for it: pip install 'fxchain[{extra}]'"
