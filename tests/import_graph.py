"""Which module of a package imports which, and which room which."""

import ast
import graphlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path


class ImportGraph:
    """The imports of every file below a package's folder.

    Imports count wherever they stand: in functions and under `if TYPE_CHECKING:` as well. The room
    of a module is its folder, dotted; of a file in the package's folder itself, the file's name.

    Args:
        root: the package's folder
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
    def rooms(self) -> dict[str, set[str]]:
        """The rooms that each room imports, itself left out."""
        rooms: dict[str, set[str]] = {}
        for module, imported in self.imports.items():
            rooms.setdefault(self.room(module), set()).update(self.room(each) for each in imported)
        return {here: rooms[here] - {here} for here in sorted(rooms)}

    def room(self, module: str) -> str:
        """Return the room of a module."""
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
        """Return, for each room that imports what a table does not allow, the imports.

        Args:
            allowed: the rooms that each room may import, with spaces between them
        """
        found: dict[str, list[str]] = {}
        for module, imported in self.imports.items():
            here = self.room(module)
            permitted = {here, *allowed.get(here, "").split()}
            wrong = [f"{module} imports {it}" for it in imported if self.room(it) not in permitted]
            if wrong:
                found.setdefault(here, []).extend(sorted(wrong))
        return found

    def unused(self, allowed: Mapping[str, str]) -> dict[str, set[str]]:
        """Return, for each room, what a table allows although no module of the room imports it."""
        unused = {
            here: set(rooms.split()) - self.rooms.get(here, set())
            for here, rooms in allowed.items()
        }
        return {here: rooms for here, rooms in unused.items() if rooms}

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
