"""Files and functions stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 60
MAX_PARAMETERS = 8

Function = ast.FunctionDef | ast.AsyncFunctionDef
FILES = sorted(
    path for folder in ("fxchain", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)


def functions(tree: ast.AST) -> Iterator[tuple[Function, bool]]:
    """Yield every function of a tree, and whether it is a method that gets `self` or `cls`."""
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                static = any(ast.unparse(it) == "staticmethod" for it in child.decorator_list)
                yield child, isinstance(node, ast.ClassDef) and not static


def line_count(function: Function, command: bool) -> int:
    """Return the number of lines of a function; of a command, whose signature lists its options,
    those of the body."""
    first = function.body[0].lineno if command else function.lineno
    return (function.end_lineno or first) - first + 1


def parameter_count(function: Function, method: bool) -> int:
    """Return the number of parameters; `*args` and `**kwargs` count one each, `self` does not."""
    given = function.args
    named = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
    return named + bool(given.vararg) + bool(given.kwarg) - method


def too_large(source: str, command: bool) -> list[str]:
    """Return what is wrong with the functions of a file.

    A file of commands is one of `fxchain/cli`: their options are not counted.
    """
    wrong = []
    for function, method in functions(ast.parse(source)):
        lines, parameters = line_count(function, command), parameter_count(function, method)
        if lines > MAX_FUNCTION_LINES:
            wrong.append(f"{function.name} has {lines} lines")
        if parameters > MAX_PARAMETERS and not command:
            wrong.append(f"{function.name} has {parameters} parameters")
    return wrong


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_FILE_LINES, f"{lines} lines: a file holds one concept"


@pytest.mark.parametrize(
    "path",
    [path for path in FILES if path.is_relative_to(ROOT / "fxchain")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_functions_are_short_and_take_few_parameters(path):
    command = path.is_relative_to(ROOT / "fxchain" / "cli")
    wrong = too_large(path.read_text(encoding="utf-8"), command)
    assert not wrong, "; ".join(wrong)


def test_what_is_counted():
    body = "    pass\n" * MAX_FUNCTION_LINES
    long = f"def long():\n{body}"
    assert too_large(long, command=False) == [f"long has {MAX_FUNCTION_LINES + 1} lines"]
    assert too_large(long, command=True) == []
    assert too_large(f"{long}    pass", command=True) == [
        f"long has {MAX_FUNCTION_LINES + 1} lines"
    ]
    many = "class A:\n    def many(self, a, b, /, c, d, *rest, e, f, g, **options): ..."
    assert too_large(many, command=False) == ["many has 9 parameters"]
    assert too_large(many, command=True) == []
    assert too_large(many.replace("g, ", ""), command=False) == []
    static = many.replace("    def", "    @staticmethod\n    def").replace("g, ", "")
    assert too_large(static, command=False) == ["many has 9 parameters"]
