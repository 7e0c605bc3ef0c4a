"""The repository agrees with itself: migrations, templates, documents, locks."""

import importlib.metadata
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.template.loader import get_template
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from cme_portal.celery import QUEUES

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARY_NAMES = ("account/", "allauth/", "404.html", "403.html", "500.html", "429.html")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def test_models_and_migrations_are_in_step(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_template_is_used_and_compiles() -> None:
    sources = "\n".join(path.read_text() for path in tracked("*.py", "*.html", "*.txt"))
    for path in (ROOT / "templates").rglob("*.*"):
        name = path.relative_to(ROOT / "templates").as_posix()
        get_template(name)
        stem = re.sub(r"(\.subject)?\.(txt|html)$", "", name)
        used = f'"{name}"' in sources or f'"{stem}"' in sources or name.startswith(LIBRARY_NAMES)
        assert used or name.startswith("certificates/designs/"), f"{name} is not used"


def test_readme_names_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("script/server", "script/test", "script/bench", "docker compose up"):
        assert command in readme
    for named in set(re.findall(r"(?:script|docs)/[\w.\-/]+", readme)):
        assert (ROOT / named.rstrip(".")).exists(), named


def test_every_setting_from_the_environment_is_documented() -> None:
    names = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', (ROOT / "cme_portal/settings.py").read_text()))
    documented = (ROOT / "docs/operation.md").read_text()
    assert {name for name in names if f"`{name}`" not in documented} == set()


def test_every_direct_dependency_is_locked_with_hashes() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    lock = (ROOT / "requirements.txt").read_text().lower()
    names = re.findall(r'^    "([A-Za-z0-9\-]+)>=', project.partition("[dependency-groups]")[0], re.MULTILINE)
    assert len(names) > 10
    for name in names:
        assert f"\n{name.lower()}==" in f"\n{lock}", name
    assert lock.count("--hash=sha256:") > len(names)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_name_the_extras_that_locked_packages_ask_of_each_other(name: str) -> None:
    """Without its extra, pip looks past the lock for a newer release, finds no hash for it, and stops."""
    locked = {}
    for line in re.findall(r"^[A-Za-z0-9].*==\S+", (ROOT / name).read_text(), re.MULTILINE):
        requirement = Requirement(line.removesuffix(" \\"))
        locked[canonicalize_name(requirement.name)] = requirement.extras
    for package in locked:
        for wanted in map(Requirement, importlib.metadata.requires(package) or []):
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                assert wanted.extras <= locked[canonicalize_name(wanted.name)], f"{package} wants {wanted}"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_name_no_host(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()


def test_floor_of_what_security_depends_on() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    version = re.search(r"^weasyprint==(\d+)", lock, re.MULTILINE)
    assert version
    assert int(version[1]) >= 70


def test_scripts_may_be_run() -> None:
    for path in [*(ROOT / "script").iterdir(), ROOT / "manage.py", ROOT / ".ci/run"]:
        assert path.stat().st_mode & 0o111, path


def test_compose_has_what_the_readme_promises_and_watches_over_all_of_it() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    assert set(services) == {"web", "worker", "beat", "registry", "postgres", "redis", "mail"}
    assert [name for name, service in services.items() if "healthcheck" not in service] == []
    assert set(compose["volumes"]) == {"portal", "postgres", "redis"}
    assert ",".join(QUEUES) in services["worker"]["command"]
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "\nUSER cme\n" in dockerfile
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    named = {name for service in services.values() for name in re.findall(r"manage\.py (\w+)", str(service))}
    assert named == {"start_demo", "registry_sandbox"} <= commands
