"""Files appear whole or not at all, and whatever was there before stays until then."""

import errno
import os
import re

import pytest

from helpers import files
from helpers.files import CannotWrite, read_json, write_json, write_text, write_whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_project_is_the_folder_with_helpers_data_and_notebooks():
    folders = ("helpers", "data", "notebooks")
    assert all((files.project_root() / name).is_dir() for name in folders)


def test_results_are_the_projects_unless_given(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.files.project_root", lambda: tmp_path)
    assert files.results_folder() == tmp_path / "results"
    monkeypatch.chdir(tmp_path)
    assert files.results_folder("elsewhere") == tmp_path / "elsewhere"


def test_a_file_and_its_folder_appear_and_all_may_read_it(tmp_path):
    path = tmp_path / "new" / "a.txt"
    write_text(path, "Σ\n")
    assert path.read_text(encoding="utf-8") == "Σ\n" and path.stat().st_mode & 0o777 == 0o644
    write_text(path, "again")
    assert path.read_text() == "again" and names(path.parent) == ["a.txt"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError, MemoryError])
def test_an_interrupted_write_leaves_the_old_file_and_no_part(tmp_path, stop):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def interrupted(part):
        part.write_text("half of the n")
        assert path.read_text() == "old"
        raise stop

    with pytest.raises(stop):
        write_whole(path, interrupted)
    assert path.read_text() == "old" and names(tmp_path) == ["a.txt"]
    with pytest.raises(stop):
        write_whole(tmp_path / "never.txt", interrupted)
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "No space left on device: the disk of .* same command goes on"),
        (errno.EROFS, r"cannot be written to \(Read-only file system\)\. .*HELPERS_DATA_CACHE"),
        (errno.EACCES, r"cannot be written to \(Permission denied\)"),
    ],
)
def test_a_full_disk_and_a_closed_folder_are_told_in_words(tmp_path, number, told):
    def fails(name):
        def write(_part):
            raise OSError(number, os.strerror(number), name)

        return write

    for name in (None, str(tmp_path / "a.txt"), str(tmp_path)):
        with pytest.raises(CannotWrite, match=told) as error:
            write_whole(tmp_path / "a.txt", fails(name))
        assert error.value.errno == number and str(tmp_path) in str(error.value)
    with pytest.raises(OSError, match="elsewhere/b") as error:
        write_whole(tmp_path / "a.txt", fails("/elsewhere/b.txt"))
    assert not isinstance(error.value, CannotWrite), "what is read is another matter"


def test_it_is_told_once_where_one_write_is_in_another(tmp_path):
    def inner(_part):
        write_whole(tmp_path / "in" / "b.txt", lambda _: (_ for _ in ()).throw(OSError(28, "full")))

    with pytest.raises(CannotWrite, match=re.escape(f"the disk of {tmp_path / 'in'} is full")):
        write_whole(tmp_path / "a.txt", inner)


def test_a_part_has_the_ending_by_which_writers_choose_their_format(tmp_path):
    endings = []
    write_whole(tmp_path / "a.h5ad", lambda part: endings.append(part.suffix))
    assert endings == [".h5ad"]


def test_json_comes_back_as_it_was(tmp_path):
    content = {"müller": [1, 0.1, None, True], "nested": {"a": "b"}}
    write_json(tmp_path / "a.json", content)
    assert read_json(tmp_path / "a.json") == content
    assert "müller" in (tmp_path / "a.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "error"), [({"a": float("nan")}, ValueError), ({"a": object()}, TypeError)]
)
def test_what_is_no_json_leaves_the_old_file(tmp_path, content, error):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(error):
        write_json(path, content)
    assert read_json(path) == {"a": 1} and names(tmp_path) == ["a.json"]
