"""The planter of errors: it changes copies alone, one piece each, and every pitfall has a place."""

import ast
from collections import Counter
from dataclasses import replace

import pytest

from tests.mutants import __main__ as runner
from tests.mutants.__main__ import Trials
from tests.mutants.choice import ROOMS, analyses, drawn, files_testing
from tests.mutants.mutant import Mutant
from tests.mutants.operators import mutants_of
from tests.mutants.pitfalls import PITFALLS, PLANTED
from tests.mutants.tree_copy import ROOT, planted
from tests.mutants.trial import NOT_IMPORTED, Ended

SOURCE = '''
def share(x: int = 1, *, log: bool = True) -> float:
    """Not 3 of 4."""
    if x < 2 and not log:
        raise ValueError(f"x must be {x + 1}")
    total = -x * 2.0 + sum(a.mean() for a in [x])
    total += 1
    return total if x else 0.5
'''


def source(tmp_path, text=SOURCE):
    (tmp_path / "helpers").mkdir(exist_ok=True)
    (tmp_path / "helpers" / "m.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_errors_by_rule_are_small_and_valid(tmp_path):
    errors = mutants_of(source(tmp_path), "helpers/m.py")
    found = {(error.old, error.new) for error in errors}
    assert found == {
        *{("1", "2"), ("True", "False"), ("<", ">="), ("2", "3"), ("and", "or"), ("not ", "")},
        *{("-", ""), ("*", "/"), ("2.0", "4.0"), ("+", "-"), ("mean", "sum"), ("x", "True")},
        *{("total += 1", "pass"), ("0.5", "1.0")},
    }
    for error in errors:
        text = error.planted_in(SOURCE)
        assert text != SOURCE and ast.parse(text)
        assert "Not 3 of 4." in text and 'f"x must be {x + 1}"' in text


def test_letters_of_several_bytes_move_nothing(tmp_path):
    text = 'µ, n = "Σσ²", 3\nσ = n + 1  # ½\n'
    errors = {
        error.planted_in(text) for error in mutants_of(source(tmp_path, text), "helpers/m.py")
    }
    assert 'µ, n = "Σσ²", 3\nσ = n - 1  # ½\n' in errors


def test_an_error_is_planted_in_a_copy_and_taken_out_again(tmp_path):
    tree = source(tmp_path)
    error = Mutant("helpers/m.py", "-x", "x", "by hand")
    with planted(tree, error):
        assert "total = x * 2.0" in (tree / "helpers" / "m.py").read_text()
    assert (tree / "helpers" / "m.py").read_text() == SOURCE
    with pytest.raises(ValueError, match="never in"), planted(ROOT, error):
        pass
    for old in ("absent", "x"):
        with pytest.raises(ValueError, match="must stand once"):
            Mutant("helpers/m.py", old, "", "by hand").planted_in(SOURCE)


def test_a_sample_is_spread_over_rooms_and_modules():
    chosen = drawn(ROOT, 240, 0)
    assert Counter(mutant.room for mutant in chosen) == dict.fromkeys(ROOMS, 40)
    assert len({mutant.file for mutant in chosen}) > 80
    assert chosen == drawn(ROOT, 240, 0) != drawn(ROOT, 240, 1)
    assert not [file for file in analyses(ROOT) if "/figures/" in file]


@pytest.mark.parametrize("mutant", PITFALLS, ids=lambda mutant: mutant.what)
def test_a_pitfall_has_its_place_and_tests(mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert ast.parse(mutant.planted_in(text))
    assert mutant.tests or files_testing(ROOT, mutant.file)


def test_faults_are_asked_what_they_see():
    asked = files_testing(ROOT, "helpers/models/checkpoints.py")
    assert "tests/faults/test_foreign_checkpoints.py" in asked


def test_there_are_twenty_five():
    assert len(PLANTED) == 25 and all(PLANTED.values())


@pytest.mark.parametrize("behind", ["", NOT_IMPORTED])
def test_what_sees_an_error_is_asked_by_its_whole_name_whether_it_passes(
    tmp_path, monkeypatch, behind
):
    tree, asked = source(tmp_path, "LEAST = 1\n"), []
    name = "tests/test_m.py::test_least[1 and no more]"

    def run(tree, tests, *_):
        asked.extend(tests)
        is_planted = "2" in (tree / "helpers" / "m.py").read_text(encoding="utf-8")
        return Ended(1, name + behind) if is_planted else Ended(0, "")

    monkeypatch.setattr(runner, "run_tests", run)
    error = Mutant("helpers/m.py", "1", "2", "constant", ("tests/test_m.py",))
    assert Trials(tree).tried(error)[3] == "seen"
    assert asked == ["tests/test_m.py", name]


def test_a_stopped_pass_goes_on_and_asks_again_what_was_not_seen(tmp_path, monkeypatch):
    whole = "LEAST = 1\nMOST = 3\nTWICE = 5 + 5\n"
    tree, asked, sees = source(tmp_path, whole), [], {"3"}

    def run(tree, tests, *_):
        text = (tree / "helpers" / "m.py").read_text(encoding="utf-8")
        asked.append(text)
        return Ended(int(any(one not in text for one in sees)), "tests/test_m.py::test_it")

    monkeypatch.setattr(runner, "run_tests", run)
    errors = [
        replace(error, tests=("tests/test_m.py",)) for error in mutants_of(tree, "helpers/m.py")
    ]
    table = tmp_path / "table.csv"
    first = Trials(tree).all(errors[:2], table)
    assert first["verdict"].tolist() == ["unseen", "seen"]
    sees |= {"1", "5 + 5"}
    second = Trials(tree).all(errors, table, go_on=True).set_index("error")["verdict"]
    assert len(second) == len(errors) == 5 and set(second) == {"seen"}
    assert "MOST = 4" in asked[1] and not [text for text in asked[3:] if "MOST = 4" in text]
    asked.clear()
    assert len(Trials(tree).all(errors, table, go_on=True)) == 5
    # "5 → 6" has two places that no name tells apart: both are tried again, and nothing else.
    assert {text for text in asked if text != whole} == {
        whole.replace("5 + 5", new) for new in ("5 + 6", "6 + 5")
    }
