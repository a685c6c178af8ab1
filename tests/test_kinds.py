"""Kinds of effects are named where they are made; everywhere else their facts decide."""

import ast
from pathlib import Path

import pytest

from fxchain.primitives import REGISTRY

ROOT = Path(__file__).parents[1] / "fxchain"

# Files that build chains out of certain effects: what they name is made, never compared.
BUILD = {
    "structure/named.py",
    "transferring/style_chain.py",
    "data/presets.py",
    "data/structures.py",
}
# Words that are the kind of an effect as well.
OTHER_WORDS = {
    "optim/evolution.py": {"clipping"},  # how nevergrad treats bounds
    "native/plugins/names.py": {"delay"},  # a control, `delay_seconds` without its unit
    "report/audio_excerpts.py": {"gain"},  # a field of the page's player
}

FILES = {
    path.relative_to(ROOT).as_posix(): path
    for path in sorted(ROOT.rglob("*.py"))
    if path.parent != ROOT / "primitives"
}


def compared_kinds(source: str) -> set[str]:
    """Return the kinds of effects that are string constants of a module.

    `get_primitive("gain")` and `REGISTRY["gain"]` do not count: they make an effect.
    """
    made: set[int] = set()
    found: dict[int, str] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "get_primitive":
            made |= {id(argument) for argument in node.args}
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "REGISTRY":
            made.add(id(node.slice))
        elif isinstance(node, ast.Constant) and node.value in REGISTRY:
            found[id(node)] = node.value
    return {kind for key, kind in found.items() if key not in made}


@pytest.mark.parametrize("name", sorted(FILES.keys() - BUILD))
def test_no_kind_is_named_where_a_fact_would_do(name: str) -> None:
    found = compared_kinds(FILES[name].read_text(encoding="utf-8")) - OTHER_WORDS.get(name, set())
    assert not found, "ask for a fact of the primitive instead"


@pytest.mark.parametrize("name", sorted(BUILD | OTHER_WORDS.keys()))
def test_the_exceptions_are_needed(name: str) -> None:
    found = compared_kinds(FILES[name].read_text(encoding="utf-8"))
    assert found and found >= OTHER_WORDS.get(name, set()), "take it out of the exceptions"


def test_what_counts() -> None:
    source = 'A = get_primitive("gain"), REGISTRY["delay"]\nB = {"reverb": "gain.gain_db"}'
    assert compared_kinds(source) == {"reverb"}
    assert compared_kinds('kind in ("delay", "reverb")') == {"delay", "reverb"}
