"""Rooms import downwards only; inside a room imports follow time; no shared bucket."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = (
    "accounts",
    "activities",
    "audit",
    "certificates",
    "credits",
    "demo",
    "jobs",
    "office",
    "outbox",
    "printing",
    "reporting",
    "surveys",
)
BUCKETS = {"common", "utils", "core", "helpers", "selectors", "managers"}
# urls → views | admin → forms → services → tasks → emails | pdf | clients → models
TIME = {
    "models": 0,
    "emails": 1,
    "pdf": 1,
    "pars": 1,
    "tasks": 2,
    "services": 3,
    "forms": 4,
    "views": 5,
    "admin": 5,
    "urls": 6,
}


def modules() -> list[Path]:
    return [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


def test_rooms_import_downwards_only() -> None:
    lint = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_inside_a_room_imports_follow_time(room: str) -> None:
    against = []
    for path in (ROOT / room).rglob("*.py"):
        here = path.relative_to(ROOT / room).parts[0].removesuffix(".py")  # a package counts as one module
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == room:
                inner = (node.module or "").split(".")[1:2]
                names = inner or [alias.name for alias in node.names]
                against += [(here, name) for name in names if TIME.get(name, -1) > TIME.get(here, 99)]
    assert against == []


def test_there_is_no_shared_bucket() -> None:
    assert [path for path in modules() if path.stem in BUCKETS or path.parent.name in BUCKETS] == []


def test_weasyprint_is_imported_where_its_traces_are_removed() -> None:
    importing = [path.relative_to(ROOT) for path in modules() if "from weasyprint" in path.read_text()]
    assert importing == [Path("printing/weasy.py")]


def test_cross_room_foreign_keys_name_classes() -> None:
    keys = ("ForeignKey", "OneToOneField", "ManyToManyField")
    by_name = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in keys and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and "." in str(first.value):
                    by_name.append((path, first.value))
    assert by_name == []


def test_every_module_opens_with_a_sentence_about_its_job() -> None:
    silent = [
        path for path in modules() if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > 60] == []
