"""Ranges and choices stand in the comments of the parameters, and are checked from there."""

import math
from pathlib import Path

import pytest

from helpers.runs.parameters import Parameter, check_parameters, notebook_parameters
from helpers.runs.plans import is_cohort, plan_run
from helpers.runs.ranges import Choice, Interval, check_range, rule_of

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
FREE = {"cancer_type", "cancer_types", "line_panel", "out_dir", "tumour"}  # checked with the data
PARAMETERS = [
    pytest.param(path.stem, parameter, id=f"{path.stem[:2]}-{parameter.name}")
    for path in NOTEBOOKS
    for parameter in notebook_parameters(path)
    if parameter.type != "bool" and parameter.name not in FREE and not is_cohort(parameter.name)
]


@pytest.mark.parametrize(
    ("comment", "rule"),
    [
        ("latent dimensions (the paper: 32); in [1, ∞)", Interval(1)),
        ("share (0.2 there); in (0, 0.5]", Interval(0, 0.5, (True, False))),
        ("in [-1e3, 2.5)", Interval(-1000, 2.5, (False, True))),
        ("of training; one of {auto, cuda:N}", Choice(("auto", "cuda:N"))),
        ("some of {kmeans, snf}", Choice(("kmeans", "snf"), is_many=True)),
        ("how; some of these", Choice(("default", "words"), is_many=True)),
        ("in [1, ∞) before the end", None),
        ("trained in (the paper: 3)", None),
        ("", None),
    ],
)
def test_a_comment_ends_in_its_rule(comment, rule):
    assert rule_of("free", comment, "default words") == rule


def test_a_comment_counts_before_the_name():
    assert rule_of("n_latent") == Interval(1)
    assert rule_of("n_latent", "in [8, 16]") == Interval(8, 16)
    with pytest.raises(ValueError, match="from low to high"):
        rule_of("n_latent", "in [16, 8]")


def test_a_rule_says_itself_in_words():
    assert str(Interval(0, 2**32 - 1)) == "from 0 to 4294967295"
    assert str(Interval(0, 1, (True, True))) == "from 0 to 1, without 0 and 1"
    assert str(Choice(("auto", "cpu", "cuda:N"))) == "auto, cpu or cuda:<number>"
    assert str(Choice(("a", "b"), is_many=True)) == "one or several of a or b"


@pytest.mark.parametrize(("notebook", "parameter"), PARAMETERS)
def test_every_parameter_of_every_notebook_says_its_rule(notebook, parameter):
    rule = rule_of("", parameter.comment, parameter.default)
    assert isinstance(rule, Choice if parameter.type == "str" else Interval)
    assert parameter.default in rule


@pytest.mark.parametrize(("notebook", "parameter"), PARAMETERS)
def test_what_breaks_the_rule_of_a_parameter_is_refused_before_a_kernel(notebook, parameter):
    for wrong in _outside(rule_of("", parameter.comment, parameter.default), parameter):
        with pytest.raises(ValueError, match=f"`{parameter.name}`") as refusal:
            plan_run(notebook, {parameter.name: wrong})
        assert repr(wrong) in str(refusal.value) and "\n" not in str(refusal.value)


def _outside(rule, parameter):
    if isinstance(rule, Choice):
        return ["wild", "", f"{parameter.default}x", f"{parameter.default} wild"]
    step = 1 if parameter.type == "int" else 1e-9
    beyond = [] if math.isinf(rule.high) else [rule.high + (0 if rule.is_open[1] else 1)]
    below = [rule.low - 1, rule.low - (0 if rule.is_open[0] else step)]
    numbers = [int(value) if parameter.type == "int" else value for value in beyond + below]
    return [*numbers, "nan", "many", "1e999", True]


@pytest.mark.parametrize("value", ["kmeans,snf", "kmeans, snf", "snf", "cnmf gmm"])
def test_words_are_separated_by_spaces_or_commas(value):
    check_range("clusterers", value, "some of {kmeans, snf, gmm, cnmf}")
    with pytest.raises(ValueError, match="one or several of"):
        check_range("clusterers", f"{value} kmean", "some of {kmeans, snf, gmm, cnmf}")


def test_items_of_lists_are_looked_at_and_none_is_left_alone():
    check_range("widths", None, "in [1, 9]")
    with pytest.raises(ValueError, match="`widths` must be from 1 to 9: got 0"):
        check_range("widths", [3, 0], "in [1, 9]")


@pytest.mark.parametrize("value", ["[1,", "[" * 500, 10**400, "[1, 'a']"])
def test_no_value_ends_in_a_bare_traceback(value):
    known = [Parameter("rate", "float", 1.0, ""), Parameter("widths", "list[int]", [1], "")]
    for name in ("rate", "widths"):
        with pytest.raises(ValueError, match=f"`{name}` of the notebook is"):
            check_parameters({name: value}, known)
