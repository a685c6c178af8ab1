"""The page of all primitives, made of the registry when the site is built."""

from typing import Any

from mkdocs.structure.files import File, Files

from fxchain.cli.primitives import markdown_of
from fxchain.primitives import REGISTRY


def on_files(files: Files, config: Any) -> Files:
    """Add the page; a new primitive is on it without an edit."""
    text = markdown_of(list(REGISTRY.values()))
    files.append(File.generated(config, "reference/primitives.md", content=text))
    return files
