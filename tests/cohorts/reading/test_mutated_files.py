"""Hundreds of mutated files: a right result, a note, or one clear refusal; nothing else."""

import pytest

from tests.cohorts.reading.mutated_files import BREAKS, N_FILES, read, read_broken, read_mutated


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("part", range(4))
def test_every_mutated_file_is_read_noted_or_refused(tmp_path, part):
    seeds = range(part * N_FILES // 4, (part + 1) * N_FILES // 4)
    counts = read_mutated(seeds, tmp_path / "mutated.h5ad")
    assert min(counts.values()) > 3, counts


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("break_it", BREAKS)
def test_every_broken_file_is_refused_in_words(tmp_path, break_it):
    counts = read_broken(break_it, tmp_path / "broken.h5ad")
    assert counts["refused"] > 3, counts


@pytest.mark.parametrize("name", ["x.h5ad", "x.H5AD", "x.zarr"])
def test_what_is_no_file_of_its_kind(tmp_path, name):
    path = tmp_path / name
    assert read(path) == [None] * 4
    path.write_bytes(b"")
    assert read(path) == [None] * 4
    path.write_bytes(b"sample,gene\n")
    assert read(path) == [None] * 4
    path.unlink()
    path.mkdir()
    assert read(path) == [None] * 4
