"""The registry: complete, well-formed, and where its files go."""

from urllib.parse import unquote

import pytest

from helpers import files
from helpers.cohorts import sources as sources_module
from helpers.cohorts.sources import (
    CorruptDownload,
    cache_folder,
    fetch,
    fetch_group,
    is_available,
    load_sources,
    registered_sums,
)

N_FILES = {
    "tcga-mirna": 33,
    "tcga-mrna-counts": 182,
    "tcga-clinical": 1,
    "tcga-subtypes": 1,
    "gene-sets": 3,
    "gene-annotation": 1,
    "mirna-targets": 1,
    "paper-pancan": 4,
    "ccle": 1,
    "celligner": 2,
    "tcga-purity": 2,
    "gdsc": 3,
    "paper-rnalign": 3,
    "tcga-mrna-z": 7,
    "tcga-brca-atac": 17,
    "tcga-brca-atac-rest": 6,
    "tcga-atac-pcs": 3,
    "tcga-brca-hipt": 959,
    "tcga-hipt": 1,
    "paper-multiomics": 2,
}
PUBLISHERS = (
    "paper-pancan",
    "paper-rnalign",
    "paper-multiomics",
    "tcga-brca-atac-rest",
    "tcga-hipt",
)  # without sums until they are downloaded
NUMBERED = {"CCLE_expression_full.csv": "20234343"}  # files whose address has a number for a name


def test_every_group_has_its_files():
    assert {group: len(files) for group, files in load_sources().items()} == N_FILES


@pytest.mark.parametrize("group", N_FILES)
def test_every_file_says_what_it_is_and_how_to_cite_it(group):
    for source in load_sources()[group]:
        assert source.group == group
        assert source.what and source.licence and source.citation
        assert source.url.startswith("https://")
        address = NUMBERED.get(source.path, source.path).replace("+", "%2B").replace(" ", "%20")
        assert source.url.endswith(f"/{address}")
        assert source.local_path == cache_folder() / "sources" / source.mirror_path


@pytest.mark.parametrize("group", [group for group in N_FILES if group not in PUBLISHERS])
def test_every_pinned_file_has_a_size_a_sum_and_a_commit(group):
    for source in load_sources()[group]:
        assert source.bytes > 0
        assert len(source.sha256) == 64
        owner, repository, commit, _ = source.mirror_path.split("/", 3)
        assert len(commit) == 40
        address = unquote(source.url.split("/", 3)[3])
        assert address == f"{owner}/{repository}/{commit}/{source.path}"


def test_no_two_files_share_a_place():
    places = [source.mirror_path for files in load_sources().values() for source in files]
    assert len(set(places)) == len(places) == sum(N_FILES.values())


@pytest.mark.parametrize("group", PUBLISHERS)
def test_the_publishers_files_have_no_sum_until_they_are_downloaded(empty_cache, group):
    assert all(source.sha256 is None for source in load_sources()[group])
    assert set(registered_sums(group).values()) == {"not yet downloaded"}


def test_a_file_can_be_asked_for_by_a_number_and_kept_under_its_name(
    empty_cache, server, monkeypatch, tmp_path
):
    folder, address, _ = server
    registry = tmp_path / "sources.toml"
    registry.write_text(
        f'[group]\nwhat = ""\n[[group.repository]]\nname = "n"\nbase = "{address}/files"\n'
        'what = "w"\nlicence = "l"\ncitation = "c"\n'
        'files = [{ path = "expression.csv", remote = "123" }]\n'
    )
    loaded = load_sources(registry)
    monkeypatch.setattr(sources_module, "load_sources", lambda: loaded)
    (folder / "files").mkdir()
    (folder / "files" / "123").write_text("values")
    (path,) = fetch_group("group")
    assert (path.name, path.read_text()) == ("expression.csv", "values")


def test_unknown_group():
    with pytest.raises(KeyError, match=r"must be one of tcga-mirna.*got 'tcga-rna'"):
        fetch_group("tcga-rna")


def test_the_cache_is_in_the_project_unless_said_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("HELPERS_DATA_CACHE", raising=False)
    assert cache_folder() == files.project_root() / "data" / "cache"
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_a_group_goes_on_where_it_was_interrupted(empty_cache, server, monkeypatch, tmp_path):
    folder, address, handler = server
    registry = tmp_path / "sources.toml"
    files = ", ".join(f'{{ path = "{name}.txt" }}' for name in "abc")
    registry.write_text(
        f'[group]\nwhat = ""\n[[group.repository]]\nname = "n"\nbase = "{address}"\n'
        f'what = "w"\nlicence = "l"\ncitation = "c"\nfiles = [{files}]\n'
    )
    loaded = load_sources(registry)
    monkeypatch.setattr(sources_module, "load_sources", lambda: loaded)
    for name in "ab":
        (folder / f"{name}.txt").write_text(name)
    with pytest.raises(OSError, match="answered 404"):
        fetch_group("group")
    (folder / "c.txt").write_text("c")
    assert [path.read_text() for path in fetch_group("group")] == ["a", "b", "c"]
    assert handler.requests.count("/c.txt") >= 2
    assert len(handler.requests) <= 5


@pytest.mark.real
def test_the_real_files_are_the_registered_ones(real_data):
    for group in ("gene-sets", "tcga-clinical"):
        assert is_available(group)
        for source, path in zip(load_sources()[group], fetch_group(group), strict=True):
            assert path.stat().st_size == source.bytes
            assert registered_sums(group)[source.mirror_path] == source.sha256


@pytest.mark.real
def test_a_real_file_is_not_taken_for_another(real_data, empty_cache, monkeypatch, tmp_path):
    first, second, _ = load_sources()["gene-sets"]
    mirror = tmp_path / "mirror"
    (mirror / first.mirror_path).parent.mkdir(parents=True)
    monkeypatch.undo()
    content = fetch(second).read_bytes()
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(empty_cache))
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(mirror))
    (mirror / first.mirror_path).write_bytes(content)
    with pytest.raises(CorruptDownload, match=r"must have 48,334 bytes"):
        fetch(first)
