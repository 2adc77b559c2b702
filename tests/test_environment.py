"""pip, make and conda install the same: one list of dependencies, one lock."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = {line.split("==")[0].lower() for line in LOCK.splitlines() if "==" in line}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def dependencies():
    optional = [name for names in project()["optional-dependencies"].values() for name in names]
    return [
        re.split(r"[<>=\[; ]", line)[0].lower() for line in project()["dependencies"] + optional
    ]


@pytest.mark.parametrize("name", dependencies())
def test_every_dependency_is_locked(name):
    assert name in LOCKED, f"`{name}` is in pyproject.toml, not in the lock: run `make lock`"


def test_the_lock_pins_everything_and_names_no_address():
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    assert all(re.match(r"[\w.-]+==[\w.]+( ; .+)?$", line) for line in lines)
    assert "://" not in LOCK and "--" not in LOCK


def test_torch_is_pinned_without_a_build_and_brings_its_own_cuda():
    assert re.search(r"^torch==[\d.]+$", LOCK, re.MULTILINE)
    assert not re.search(r"^(nvidia-|cuda-|triton)", LOCK, re.MULTILINE)


def test_conda_installs_the_lock_and_lists_nothing_twice():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert [re.split("[=<>]", name)[0] for name in conda] == ["python", "pip"]
    assert pip == {"pip": ["-r requirements.lock", "-e ."]}


def test_both_boosting_builds_are_not_installed_together():
    assert "xgboost-cpu" in LOCKED and "xgboost" not in LOCKED
