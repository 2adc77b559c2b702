"""Parameters: read as papermill reads them, checked before anything runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.runs.parameters import Parameter, check_parameters, notebook_parameters

KNOWN = [
    Parameter("n_latent", "int", 32, "latent dimensions"),
    Parameter("learning_rate", "float", 1e-3, "step of Adam"),
    Parameter("quick", "bool", False, ""),
    Parameter("cohort", "str", "demo", ""),
    Parameter("widths", "list[int]", [64, 32], ""),
    Parameter("genes", "List[str]", [], ""),
    Parameter("limit", "Optional[int]", None, ""),
]


def test_a_cell_is_read_in_order(write_notebook):
    cell = (
        "n_latent: int = 32  # latent dimensions\n"
        "kl_weight: float = 1e-2  # weight, not in nats\n"
        "types: list[str] = ['BRCA', 'LUAD']  # kept\n"
        "limit: 'Optional[int]' = None  # no limit\n"
        "free = 3"
    )
    read = notebook_parameters(write_notebook("a", parameters=cell))
    assert read == [
        Parameter("n_latent", "int", 32, "latent dimensions"),
        Parameter("kl_weight", "float", 0.01, "weight, not in nats"),
        Parameter("types", "list[str]", ["BRCA", "LUAD"], "kept"),
        Parameter("limit", "Optional[int]", None, "no limit"),
        Parameter("free", "int", 3, ""),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("n: int = 2  # n = 2 is small", "cannot read `n: int = 2`"),
        ("n: int | None = 2", "cannot read"),
        ("import os", "cannot read `import os`"),
        ("n: int = 2 * 3", "literal default: got `2 [*] 3`"),
        ("n: int = 'two'", "default of that type: got `int` and 'two'"),
        ("n: complex = 2", "default of that type: got `complex`"),
    ],
)
def test_a_cell_that_would_mislead_is_refused(write_notebook, line, message):
    path = write_notebook("a", parameters=f"cohort: str = 'demo'\n{line}\n")
    with pytest.raises(ValueError, match=message):
        notebook_parameters(path)


def test_defaults_fill_what_is_not_given():
    checked = check_parameters({"n_latent": 4}, KNOWN)
    assert list(checked) == [parameter.name for parameter in KNOWN]
    assert checked["n_latent"] == 4 and checked["learning_rate"] == 1e-3


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("n_latent", "64", 64),
        ("n_latent", np.int64(3), 3),
        ("learning_rate", "1e-3", 1e-3),
        ("learning_rate", 1, 1.0),
        ("learning_rate", np.float32(0.5), 0.5),
        ("quick", "true", True),
        ("quick", "No", False),
        ("widths", "64, 32", [64, 32]),
        ("widths", "[8]", [8]),
        ("widths", (1, 2), [1, 2]),
        ("genes", "TP53,MYC", ["TP53", "MYC"]),
        ("genes", '["TP53"]', ["TP53"]),
        ("limit", None, None),
        ("limit", "none", None),
        ("limit", "5", 5),
        ("cohort", "", ""),
    ],
)
def test_a_value_becomes_its_type(name, value, expected):
    checked = check_parameters({name: value}, KNOWN)[name]
    assert checked == expected and type(checked) is type(expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_latent", "abc"),
        ("n_latent", 64.0),
        ("n_latent", "1e2"),
        ("n_latent", True),
        ("n_latent", None),
        ("learning_rate", "fast"),
        ("learning_rate", "nan"),
        ("learning_rate", float("inf")),
        ("learning_rate", False),
        ("quick", 1),
        ("quick", "maybe"),
        ("cohort", 5),
        ("cohort", False),  # YAML reads a bare `no` so
        ("widths", "64, x"),
        ("widths", 64),
        ("widths", [1.5]),
        ("genes", "[TP53]"),
        ("genes", [1]),
        ("limit", "some"),
    ],
)
def test_a_wrong_type_is_named_with_an_example(name, value):
    kind = next(p.type for p in KNOWN if p.name == name).replace("[", r"\[")
    with pytest.raises(ValueError, match=rf"`{name}` of chapter is {kind}.*got .*Give for example"):
        check_parameters({name: value}, KNOWN, "chapter")


def test_an_unknown_name_gets_the_nearest_and_the_list():
    with pytest.raises(
        ValueError,
        match=r"unknown parameter `n_latnet` of chapter; nearest: `n_latent`. All: n",
    ):
        check_parameters({"n_latnet": 3}, KNOWN, "chapter")
    with pytest.raises(ValueError, match=r"unknown parameter `zzz` of chapter. All: "):
        check_parameters({"zzz": 3}, KNOWN, "chapter")


@given(st.integers(1), st.floats(0, 1, exclude_min=True), st.booleans())
def test_writing_a_value_out_and_reading_it_back_changes_nothing(integer, number, truth):
    given_values = {"n_latent": integer, "learning_rate": number, "quick": truth}
    as_text = {name: str(value) for name, value in given_values.items()}
    assert check_parameters(as_text, KNOWN) == check_parameters(given_values, KNOWN)
    assert check_parameters(check_parameters(as_text, KNOWN), KNOWN) == check_parameters(
        as_text, KNOWN
    )
