import pytest

from helpers.book.interactive import library


def test_the_scripts_come_out_of_the_package_with_their_licence(tmp_path):
    library.stage_library(tmp_path / "there")
    scripts = {path.name: path for path in (tmp_path / "there").iterdir()}
    assert set(scripts) == set(library.SCRIPTS)
    head = scripts["bokeh.min.js"].read_text(encoding="utf-8")[:500]
    assert "Redistribution and use in source and binary forms" in head
    assert sum(path.stat().st_size for path in scripts.values()) < 1.6e6


def test_a_package_without_them_is_said_to_be_the_wrong_version(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "SCRIPTS", ("bokeh.min.js", "other.js"))
    with pytest.raises(FileNotFoundError, match=r"must hold other\.js"):
        library.stage_library(tmp_path)
