"""Every entry of the bibliography leads to what it names."""

import re
from pathlib import Path

import pytest

BIBLIOGRAPHY = (Path(__file__).parents[2] / "book" / "references.bib").read_text(encoding="utf-8")
ENTRIES = {
    found[1]: found[2] for found in re.finditer(r"(?ms)^@\w+\{([\w-]+),\n(.*?)^\}", BIBLIOGRAPHY)
}


def field(entry, name):
    found = re.search(rf"(?m)^\s*{name} = \{{(.*)\}},?$", ENTRIES[entry])
    return found[1] if found else ""


def test_every_entry_is_read():
    assert len(ENTRIES) == len(re.findall(r"(?m)^@", BIBLIOGRAPHY)) > 40


@pytest.mark.parametrize("entry", sorted(ENTRIES))
def test_an_entry_has_a_doi_or_says_why_not(entry):
    doi = field(entry, "doi")
    if doi:
        assert re.fullmatch(r"10\.\d{4,5}/\S+", doi)
    elif url := field(entry, "url"):  # conferences that give none
        assert url.startswith("https://")
    else:
        assert "No DOI known" in field(entry, "note") + field(entry, "howpublished")


def test_no_doi_stands_twice():
    dois = [doi.lower() for entry in ENTRIES if (doi := field(entry, "doi"))]
    assert len(dois) == len(set(dois))
