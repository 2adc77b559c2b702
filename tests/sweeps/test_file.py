"""What a sweep's file may say: every trap of YAML and every slip is refused with its line."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from helpers.runs.ranges import check_range
from helpers.sweeps.expansion import combinations, load_sweep, plan_sweep
from helpers.sweeps.located_yaml import read_yaml

# What it expands to


def test_a_grid_is_every_combination_with_every_seed(write_sweep):
    sweep = load_sweep(
        write_sweep(
            "notebook: tiny\nfixed: {n_epochs: 3}\n"
            "grid: {n_latent: [2, 8], kl_weight: [0.5, 0.001]}\nseeds: [0, 1, 2]"
        )
    )
    runs = [one.parameters for one in combinations(sweep.file)]
    assert (sweep.name, sweep.file.notebook, len(runs)) == ("latent", "tiny", 12)
    assert len({tuple(sorted(run.items())) for run in runs}) == 12
    assert runs[0] == {"n_epochs": 3, "n_latent": 2, "kl_weight": 0.5, "seed": 0}


def test_an_entry_of_a_list_may_have_a_label_and_change_what_is_fixed(write_sweep):
    sweep = load_sweep(
        write_sweep(
            "notebook: tiny\nfixed: {kl_weight: 1}\n"
            "list: [{label: whole}, {label: without KL, kl_weight: 0}, {seed: 4}]"
        )
    )
    found = combinations(sweep.file)
    assert [one.label for one in found] == ["whole", "without KL", ""]
    assert [one.parameters for one in found] == [
        {"kl_weight": 1},
        {"kl_weight": 0},
        {"kl_weight": 1, "seed": 4},
    ]


RNALIGN_A1 = """
notebook: tiny
random:
  n: {n}
  seed: 3
  parameters:
    learning_rate: {{log10_uniform: [-5, -2]}}
    n_layers: {{choice: [1, 2, 3]}}
    dropout: {{choice: [0.2, 0.4, 0.6]}}
    purity_weight: {{uniform: [0, 100]}}
    correlation_weight: {{log10_uniform: [-2, -0.5]}}
"""


def test_random_draws_have_their_distributions_and_continue(write_sweep):
    def draws(n):
        file = load_sweep(write_sweep(RNALIGN_A1.format(n=n))).file
        return [one.parameters for one in combinations(file)]

    many = draws(400)
    assert many[:20] == draws(20)
    assert {run["n_layers"] for run in many} == {1, 2, 3}
    assert all(type(run["n_layers"]) is int for run in many)
    rates = sorted(run["learning_rate"] for run in many)
    assert 1e-5 <= rates[0] < 2e-5 and 8e-3 < rates[-1] <= 1e-2
    assert 10**-3.8 < rates[200] < 10**-3.2  # the median of 10^Uniform(-5, -2) is 10^-3.5
    assert 40 < sum(run["purity_weight"] for run in many) / 400 < 60


def test_seeds_repeat_every_draw(write_sweep):
    text = "notebook: t\nrandom: {n: 2, parameters: {a: {uniform: [0, 1]}}}\nseeds: [0, 1]"
    runs = [one.parameters for one in combinations(load_sweep(write_sweep(text)).file)]
    assert runs[0]["a"] == runs[1]["a"] != runs[2]["a"] == runs[3]["a"]
    assert [run["seed"] for run in runs] == [0, 1, 0, 1]


def test_quick_takes_its_own_block(write_sweep):
    text = RNALIGN_A1.format(n=20) + "quick: {n: 2, fixed: {n_epochs: 1}, seeds: [0]}"
    file = load_sweep(write_sweep(text), quick=True).file
    runs = [one.parameters for one in combinations(file)]
    assert len(runs) == 2 and runs[0]["quick"] is True and runs[0]["n_epochs"] == 1


def test_the_same_run_twice_is_one(tiny_project, write_sweep):
    sweep = load_sweep(
        write_sweep("notebook: tiny\nlist: [{kl_weight: 1}, {kl_weight: '1.0'}, {}]")
    )
    assert len(plan_sweep(sweep)) == 1


# What is refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("notebook: tiny\ngrid: {a: [1]\n", ", line 3: not YAML: "),
        ("[1, 2]", "line 1: must be fields with values"),
        ("", "line 1: must be fields with values"),
        ("grid: {n_latent: [1]}", "line 1: must name its notebook"),
        ("notebook: tiny\ngird: {n_latent: [1]}", "line 2: unknown field `gird`; nearest: `grid`"),
        (
            "notebook: tiny\nrandom:\n  m: 3",
            "line 3: unknown field `random.m`. All: n, parameters, seed",
        ),
        ("notebook: tiny", "line 1: must have one of `grid`, `list` and `random`"),
        ("notebook: tiny\ngrid: {a: [1]}\nlist: [{a: 1}]", "line 3: must have one of"),
        ("notebook: tiny\ngrid: {n_latent: 2}", "line 2: `grid.n_latent`: .* valid list: got 2"),
        ("notebook: tiny\ngrid: {n_latent: []}", "line 2: `grid.n_latent`: .* at least 1 item"),
        ("notebook: tiny\nlist: [2]", "line 2: `list.0`: .* valid dictionary: got 2"),
        ("notebook: tiny\nlist: [{}]\nseeds: 3", "line 3: `seeds`: .* list: got 3"),
        ("notebook: tiny\nlist: [{}]\nseeds: [a]", "line 3: `seeds.0`: .* integer: got 'a'"),
        ("notebook: tiny\nlist: [{}]\nseeds: [-1]", "line 3: `seeds.0`: .* greater than .* 0"),
        ("notebook: tiny\nlist: [{}]\nseeds: [1, 1]", "line 3: seed 1 is given twice"),
        ("notebook: tiny\nlist: [{}]\nfixed: [a]", "line 3: `fixed`: .* dictionary"),
        ("notebook: t\nfixed: {a: 1}\ngrid:\n  a: [2]", "line 4: `a` is in `fixed` too"),
        ("notebook: t\ngrid: {seed: [2]}\nseeds: [1]", "line 2: `seed` is given by `seeds` too"),
        ("notebook: t\nlist: [{}]\nminimise: loss", "line 3: `minimise`: a metric is written"),
        ("notebook: t\nlist: [{}]\nsearch: optuna", "line 3: a search needs a `random` block"),
        ("notebook: t\nlist: [{}]\nsearch: grid", "line 3: `search`: .*'optuna'"),
        ("notebook: t\nlist: [{}]\nquick: {n: 2}", "line 3: `quick.n` has no `list` to change"),
        (
            "notebook: t\nrandom:\n  n: 1\n  parameters:\n    a: {uniform: [2, 1]}",
            "line 5: .* the first bound must be below",
        ),
        (
            "notebook: t\nrandom:\n  n: 1\n  parameters:\n    a: {uniform: [0, 1], choice: [3]}",
            "line 5: .* must be one of `uniform`, `log10_uniform` and `choice`",
        ),
        (
            "notebook: t\nrandom:\n  n: 1\n  parameters:\n    a: {log10_uniform: [1, 1000]}",
            "line 5: .* takes exponents",
        ),
        # what readers of YAML differ on, or take for something else
        ("notebook: t\nfixed:\n  a: -.5e3", "line 3: `-.5e3` is text to YAML"),
        ("notebook: t\ngrid:\n  a: [(1, 2)]", "line 3: YAML has no tuples"),
        ("notebook: t\nfixed:\n  a: (1, 2)", r"line 3: YAML has no tuples and reads `\(1, 2\)`"),
        ("notebook: t\nfixed:\n  a: !!python/tuple [1]", "line 3: `!!python/tuple` is not plain"),
        ("notebook: !!python/object/apply:os.getcwd []", "line 1: .* is not plain YAML"),
        ("notebook: t\nfixed:\n  a: 010", "line 3: some readers of YAML count `010` in eights"),
        ("notebook: t\nfixed:\n  a: 1:30", "line 3: some readers of YAML count `1:30` in sixties"),
        ("notebook: t\nfixed: {a: 1}\nfixed: {b: 1}", 'line 3: not YAML: .*duplicate key "fixed"'),
        ("notebook: t\nfixed: {1: 2}", "line 2: a name must be text: got `1`"),
        ("notebook: &n t\ntitle: *n", "line 1: anchors and aliases are not used"),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(write_sweep, text, message):
    with pytest.raises(ValueError, match=rf"latent\.yaml.*{message}"):
        load_sweep(write_sweep(text))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read the sweep .*none.yaml: No such file"):
        load_sweep(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"bytes.yaml is not text in UTF-8"):
        load_sweep(tmp_path / "bytes.yaml")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("n_latnet: [3]", "unknown parameter `n_latnet` of tiny; nearest: `n_latent`"),
        ("n_latent: [2.5]", "`n_latent` of tiny is int .*: got 2.5"),
        ("kl_weight: [heavy]", "`kl_weight` of tiny is float"),
        ("quick: [3]", "`quick` of tiny is bool"),
        ("n_latent: [0]", "`n_latent` must be at least 1: got 0"),
        ("kl_weight: [1, -0.5]", "`kl_weight` must be at least 0: got -0.5"),
        ("kl_weight: [.inf]", "`kl_weight` of tiny is float"),
        ("device: [gpu]", "`device` must be auto, cpu, cuda"),
        ("cohort: [tcga]", "unknown cohort `tcga`"),
        ("out_dir: [here]", "`out_dir` is set by the run itself"),
    ],
)
def test_every_value_is_checked_against_the_notebook_with_its_line(
    tiny_project, write_sweep, line, message
):
    path = write_sweep(f"notebook: tiny\nseeds: [0]\ngrid:\n  n_epochs: [1]\n  {line}\n")
    with pytest.raises(ValueError, match=rf"latent\.yaml, line 5: {message}"):
        plan_sweep(load_sweep(path))


def test_the_ends_of_a_distribution_are_checked_whatever_is_drawn(tiny_project, write_sweep):
    text = "notebook: tiny\nrandom:\n  n: 1\n  parameters:\n    kl_weight: {uniform: [-0.001, 9]}"
    with pytest.raises(ValueError, match=r"line 5: `kl_weight` must be at least 0: got -0\.001"):
        plan_sweep(load_sweep(write_sweep(text)))


def test_an_unknown_notebook_is_refused_with_its_line(tiny_project, write_sweep):
    with pytest.raises(ValueError, match="line 2: unknown notebook `tinny`; nearest: `tiny`"):
        plan_sweep(load_sweep(write_sweep("# mine\nnotebook: tinny\nlist: [{}]")))


# Details


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_a_number_however_python_writes_it(tmp_path_factory, number):
    path = tmp_path_factory.getbasetemp() / "number.yaml"
    path.write_text(f"value: {number!r}")
    (read,) = read_yaml(path).content.values()
    assert read == number and type(read) is float


def test_values_are_of_pythons_own_types_and_know_their_lines(write_sweep):
    text = "a: 1e-3\nb:\n  - 0x10\n  - 'on'\nc: {d: 2E5,\n  e: true}\nf: |\n  text\ng: '010'"
    located = read_yaml(write_sweep(text))
    assert located.content == {
        "a": 0.001,
        "b": [16, "on"],
        "c": {"d": 2e5, "e": True},
        "f": "text\n",
        "g": "010",
    }
    kinds = {type(value) for value in (*located.content.values(), *located.content["b"])}
    assert kinds == {float, list, int, str, dict}
    places = [("a",), ("b",), ("b", 1), ("c", "e"), ("f",), ("g",), ("b", 7), ("z",)]
    assert [located.line(place) for place in places] == [1, 2, 4, 6, 7, 9, 2, 1]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-9, 9)
        | st.floats(-1, 1)
        | st.text("abc ", max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("xyz", min_size=1, max_size=3), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_what_is_read_is_what_a_safe_loader_reads(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("yaml") / "any.yaml"
    path.write_text(yaml.safe_dump({"value": value}))
    assert read_yaml(path).content == {"value": value}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("n_latent", [1, 64], [0, -1]),
        ("n_permutations", [0], [-1]),
        ("dropout", [0, 0.99], [1, 1.0, -0.1]),
        ("test_fraction", [0.2], [0, 1]),
        ("learning_rate", [1e-5, 1], [0, 2, -1e-3]),
        ("seed", [0, 2**32 - 1], [-1, 2**32]),
        ("device", ["cuda:1", "mps"], ["gpu", "cuda:x"]),
        ("precision", ["float32", "bfloat16"], ["half", 16]),
        ("cancer_types", ["BRCA"], []),
    ],
)
def test_ranges(name, good, bad):
    for value in good:
        check_range(name, value)
    for value in bad:
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            check_range(name, value)
