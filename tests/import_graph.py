"""Which module imports which, and which package which."""

import ast
import graphlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path


class ImportGraph:
    """The imports of every file below a folder.

    Imports count wherever they stand: in functions and under `if TYPE_CHECKING:` as well. The
    package of a module is its folder, dotted; of a file in the root itself, the file's name.

    Args:
        root: the folder
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules = {self._name(path): path for path in sorted(root.rglob("*.py"))}

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The modules of the package that each module imports, itself left out."""
        return {
            module: {found for name in self.names(module) if (found := self._own(name))} - {module}
            for module in self.modules
        }

    @cached_property
    def packages(self) -> dict[str, set[str]]:
        """The packages that each package imports, itself left out."""
        packages: dict[str, set[str]] = {}
        for module, imported in self.imports.items():
            packages.setdefault(self.package(module), set()).update(
                self.package(each) for each in imported
            )
        return {here: packages[here] - {here} for here in sorted(packages)}

    def package(self, module: str) -> str:
        """Return the package of a module."""
        path = self.modules[module].relative_to(self.root)
        return ".".join(path.parent.parts) or path.stem

    def names(self, module: str) -> Iterator[str]:
        """Yield every dotted name that a module imports, of other libraries as well."""
        path = self.modules[module]
        package = module.split(".")
        if path.name != "__init__.py":
            package = package[:-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else []
                source = ".".join([*above, *filter(None, [node.module])])
                yield from (f"{source}.{alias.name}" for alias in node.names)

    def forbidden(self, allowed: Mapping[str, str]) -> dict[str, list[str]]:
        """Return, for each package that imports what a table does not allow, the imports.

        Args:
            allowed: the packages that each package may import, with spaces between them
        """
        found: dict[str, list[str]] = {}
        for module, imported in self.imports.items():
            here = self.package(module)
            permitted = {here, *allowed.get(here, "").split()}
            wrong = [
                f"{module} imports {it}" for it in imported if self.package(it) not in permitted
            ]
            if wrong:
                found.setdefault(here, []).extend(sorted(wrong))
        return found

    def unused(self, allowed: Mapping[str, str]) -> dict[str, set[str]]:
        """Return, for each package, what a table allows although none of its modules imports it."""
        unused = {
            here: set(packages.split()) - self.packages.get(here, set())
            for here, packages in allowed.items()
        }
        return {here: packages for here, packages in unused.items() if packages}

    def _name(self, path: Path) -> str:
        parts = path.relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _own(self, name: str) -> str | None:
        """Return the module of the package that provides a name, None for other libraries."""
        while name not in self.modules:
            if "." not in name:
                return None
            name = name.rpartition(".")[0]
        return name


def cycle(edges: Mapping[str, set[str]]) -> list[str]:
    """Return the nodes of one cycle in order, the first again at the end; none: an empty list."""
    try:
        graphlib.TopologicalSorter(edges).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []
