"""The walls of the house: who may import whom, and what only a few places may do."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from gateway.store.migrate import Form, migrations

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "gateway", "detectors", "device_sim")
MAY_IMPORT = {
    "api": {"api", "gateway", "detectors"},
    "gateway": {"gateway", "detectors"},
    "detectors": {"detectors"},
    "device_sim": {"device_sim"},
}
LIBRARIES_OF_DETECTORS = {"numpy", "sklearn"}
SURVIVORS = {"gateway/cli/__init__.py": 1, "gateway/ingest/intake.py": 1}
"""Where `except Exception` stands, and how often: loops and edges that must survive anything."""


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(package):
    wrong = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports(path)
        if name in PACKAGES and name not in MAY_IMPORT[package]
    }
    assert not wrong


def test_detectors_are_pure():
    allowed = LIBRARIES_OF_DETECTORS | {"detectors"} | set(sys.stdlib_module_names)
    outside = {name for path in modules("detectors") for name in imports(path)} - allowed
    assert not outside
    doors = {"os", "io", "socket", "subprocess", "pathlib", "time", "threading", "random", "urllib"}
    assert not {name for path in modules("detectors") for name in imports(path)} & doors


def taken(path):
    """Each (module, name) that a file takes from the product."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            yield from ((node.module, alias.name) for alias in node.names)


def test_what_benchmarks_and_tools_take_from_the_product_is_there():
    """They run seldom: a name that moved would be missed only on the day of a measurement."""
    missing = {
        f"{path.relative_to(ROOT)} takes {name} from {module}"
        for folder in ("benchmarks", "tools")
        for path in modules(folder)
        for module, name in taken(path)
        if not hasattr(import_module(module), name) and not (ROOT / module.replace(".", "/") / f"{name}.py").is_file()
    }
    assert not missing


def test_codecs_do_no_io():
    doors = {"os", "io", "socket", "subprocess", "pathlib", "time", "threading", "psycopg", "paho", "structlog"}
    assert not {name for path in (ROOT / "gateway" / "codecs").rglob("*.py") for name in imports(path)} & doors


def broad(node):
    names = {"Exception", "BaseException"}
    return isinstance(node, ast.ExceptHandler) and (
        node.type is None
        or bool(names & {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)})
    )  # fmt: skip


def test_only_the_survivors_catch_everything():
    found = {}
    for package in PACKAGES:
        for path in modules(package):
            if count := sum(map(broad, ast.walk(ast.parse(path.read_text("utf-8"))))):
                found[str(path.relative_to(ROOT))] = count
    assert found == SURVIVORS


def test_sql_stands_in_sql_files():
    verbs = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ")
    inline = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules("gateway") + modules("api")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lstrip().startswith(verbs)
    }
    assert not inline


def test_no_two_migrations_take_one_number():
    taken = {form: [step.number for step in migrations() if step.form in {form, None}] for form in Form}
    for form, numbers in taken.items():
        assert len(numbers) == len(set(numbers)), form


def test_every_named_query_is_used_by_a_module_that_loads_its_room():
    from gateway.store.queries import queries

    texts = [path.read_text("utf-8") for package in ("gateway", "api") for path in modules(package)]
    unused = set()
    for path in (ROOT / "gateway" / "store" / "sql").glob("*.sql"):
        source = "\n".join(text for text in texts if f'queries("{path.stem}")' in text)
        families = tuple(re.findall(r'f"(\w+_)\{', source))  # f"write_{name}" uses all that begin so
        unused |= {
            f"{path.stem}: {name}"
            for name in queries(path.stem)
            if f'"{name}"' not in source and not name.startswith(families or ("\0",))
        }
    assert not unused


@pytest.mark.parametrize("part", ["gateway.cli.ingest", "gateway.cli.run", "gateway.cli"])
def test_parts_that_run_day_and_night_do_not_carry_what_only_others_need(part):
    code = f"import {part}, sys; print(*{{'sklearn', 'scipy', 'docx', 'openpyxl', 'fastapi'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not found.stdout.split()
