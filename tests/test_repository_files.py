"""Citation, changelog and workflows say what the project is, and call what there is."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from helpers.cohorts.registry import COHORTS
from tests.conftest import REAL_GROUPS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def plain(text):
    return re.sub(r"[{}]", "", text).lower()


def test_the_citation_is_of_this_version_and_names_the_four_papers():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["cff-version"] == "1.2.0" and citation["message"]
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    titles = [plain(paper["title"]) for paper in citation["references"]]
    known = plain((ROOT / "book" / "references.bib").read_text())
    assert len(titles) == len(list((ROOT / "notebooks").glob("*.ipynb")))
    for paper in citation["references"]:
        assert plain(paper["title"]) in known
        assert all(plain(who["family-names"]) in known for who in paper["authors"])


def test_the_changelog_knows_this_version():
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
def test_workflows_call_what_there_is_and_may_write_little(path):
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"]["contents"] == "read"
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    text = path.read_text()
    assert set(re.findall(r"run: make ([a-z-]+)", text)) <= targets
    for job in workflow["jobs"].values():
        assert job["steps"] and all("run" in step or "uses" in step for step in job["steps"])
    for extras in re.findall(r'"\.\[([\w,]+)\]"', text):
        assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])


def test_there_are_the_three_workflows():
    assert [path.stem for path in WORKFLOWS] == ["latest", "pages", "tests"]


def test_the_workflow_fetches_all_that_the_tests_of_real_cohorts_need():
    """In continuous integration those tests fail without their files."""
    real = [spec for spec in COHORTS.values() if spec.tier == "real"]
    fetched = {group for spec in real for group in (*spec.groups, *spec.enrichment_groups)}
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    named = re.findall(r"helpers fetch ([\w-]+)", text)
    assert set(REAL_GROUPS) <= fetched | set(named)
