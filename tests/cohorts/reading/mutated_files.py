"""Hundreds of mutated files: a right result, a note, or one clear refusal; nothing else.

Each is a valid file with one to three changes of the kinds that strangers' files have. If it is
taken without a note, what is read must be what the unchanged file holds. With `python -m
tests.cohorts.reading.mutated_files --publish` all of them are read and counted for the book.
"""

import argparse
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

import anndata
import h5py
import numpy as np
import pandas as pd
from scipy import sparse

from helpers.cohorts import user_files
from helpers.cohorts.user_files import check_h5ad, check_panel, load_h5ad, load_panel
from tests.fixtures.published_checks import publish_check

N_FILES, WRITTEN, N_BROKEN = 320, 8, 45  # of which every eighth is a file on disk
WORDS = [
    *("NA", "", "Dead", "Alive", "1:DECEASED", "Primary Tumor", "Normal", "Metastatic", "T"),
    *("cell line", "stage iia", "IIA", "TRUE", "FALSE", "1", "2", "0", "-1", "1e3", "nan"),
    *("BRCA, x", "<b>", "a\nb", "\u202ex", "é", "[Not Available]", "3,5", "> 90", "x" * 300),
]
NUMBERS = [0, 1, 2, -1, 0.5, np.nan, np.inf, 1e9, -9999, 3]
COLUMNS = [
    *("patient", "cancer_type", "sample_type", "os_time", "os_event", "age", "sex", "stage"),
    *("subtype", "purity", "batch"),
]
NAMES = [
    *("ENSG{0:011d}.{0}", "GENE{0}|{0}", "Gene{0}", "{0}", "hsa-mir-{0}", "cel-mir-{0}", "{0}-Mar"),
    *("same", "GENE{0} ({0})", "", "ENSMUSG{0:011d}", "<i>{0}", "GENE{0}"),
]
ODD = [
    *(3, 1.5, "x", "", ["a", "b"], [], {"a": 1}, np.array([1.0, 2.0]), np.array(["q"]), True),
    "microRNA",
]
FORMS = [
    sparse.csr_matrix,
    sparse.csc_matrix,
    np.asfortranarray,
    lambda x: x.astype(np.float64),
    lambda x: x.astype(np.float16),
    lambda x: x.astype(int),
    lambda x: x > 4,
]
SCALES = [
    lambda x: 2**x,
    lambda x: x - x.mean(axis=0),
    np.rint,
    lambda x: x * 0,
    lambda x: x - 5,
    lambda x: x * 1e30,
    lambda x: -x,
    lambda x: x / 3.3,
    lambda x: x[:, :0],
    lambda x: x[:5],
    lambda x: x[:0],
]


def plain():
    rng = np.random.default_rng(0)
    n = 24
    obs = pd.DataFrame(
        {"patient": [f"P{i}" for i in range(n)], "cancer_type": ["A", "B"] * (n // 2),
         "sample_type": "primary", "os_time": rng.integers(500, 2000, n).astype(float),
         "os_event": rng.integers(0, 2, n), "age": rng.integers(40, 80, n).astype(float),
         "sex": rng.choice(["female", "male"], n), "stage": rng.choice(["Stage I", "Stage II"], n),
         "subtype": rng.choice(["s", "t"], n), "purity": 0.5, "batch": rng.choice(["u", "v"], n)},
        index=[f"s{i}" for i in range(n)],
    )  # fmt: skip
    x = rng.uniform(0.5, 9, (n, 9)).astype(np.float32)
    made = anndata.AnnData(x, obs, pd.DataFrame(index=[f"GENE{i}" for i in range(9)]))
    made.uns["unit"] = "log2(TPM+1)"
    return made


def change(a, rng):
    """One change of a cohort, in place or as a new one."""
    pick = lambda options: options[rng.integers(len(options))]  # noqa: E731
    column, rows = pick(COLUMNS), rng.random(a.n_obs) < pick([0.05, 0.5, 1.0])
    kind = rng.integers(9)
    if kind <= 1 and column in a.obs:
        values = a.obs[column].astype(object).to_numpy()
        values[rows] = pick(WORDS) if kind else pick(NUMBERS)
        is_mixed = len({type(value) for value in values}) > 1
        a.obs[column] = [str(v) for v in values] if is_mixed else list(values)
    elif kind == 2 and column in a.obs:
        a.obs = a.obs.drop(columns=column)
    elif kind == 3 and column in a.obs:
        as_type = pick(["category", str, "string"])
        a.obs[column] = a.obs[column].astype(as_type)
    elif kind == 4:
        names = [pick(NAMES)] * a.n_vars if rng.random() < 0.7 else rng.choice(NAMES, a.n_vars)
        a.var_names = [name.format(i) for i, name in enumerate(names)]
    elif kind == 5:
        a.uns[pick(["unit", "feature", "notes", "default_types", "name"])] = pick(ODD)
    elif kind == 6:
        x = pick(SCALES)(a.to_df().to_numpy())
        a = anndata.AnnData(x, a.obs.iloc[: len(x)], a.var.iloc[: x.shape[1]], uns=a.uns)
    elif kind == 7:
        a.X = pick(FORMS)(a.to_df().to_numpy())
    elif a.n_obs and a.n_vars:
        x = a.to_df().to_numpy(dtype=float)
        x[rng.integers(a.n_obs), rng.integers(a.n_vars)] = pick([np.nan, np.inf, -9999, 1e9, 41])
        a.X = x
    return a


def read(path, uses=(check_h5ad, load_h5ad, check_panel, load_panel)):
    """What each use makes of the file: a result, or None where it refuses in words."""
    results = []
    for use in uses:
        try:
            results.append(use(path))
        except ValueError as error:
            message = str(error)
            assert (str(path) in message or "obs[" in message) and len(message) < 2500, message
            results.append(None)
    return results


def can_be_written(mutated, path):
    """Write the file, if anndata can hold such a thing in one."""
    try:
        mutated.write_h5ad(path)
    except (TypeError, ValueError, RuntimeError):
        return False
    return True


def assert_same(cohort, mutated, original):
    """What was taken without a note is what the file says, in plain words."""
    np.testing.assert_allclose(cohort.X, mutated.to_df().to_numpy(), rtol=1e-3)
    for column in set(cohort.obs) & set(original.obs):
        told, wrote = cohort.obs[column], mutated.obs[column]
        if column in ("os_time", "os_event", "age", "purity"):
            wrote = pd.to_numeric(wrote.astype(object))
            np.testing.assert_array_equal(told.astype(float), wrote.astype(float))
            if column == "os_event":
                assert set(told.dropna()) <= {0, 1}
        else:
            assert told.astype(str).tolist() == wrote.astype(str).tolist()


def truncated(path, rng):
    content = path.read_bytes()
    path.write_bytes(content[: rng.integers(len(content))])


def without_a_part(path, rng):
    with h5py.File(path, "r+") as file:
        parts = [
            "X",
            "obs",
            "var",
            "uns",
            "obs/patient",
            "obs/_index",
            "obs/cancer_type",
            "var/_index",
        ]
        name = parts[rng.integers(len(parts))]
        if name in file:
            del file[name]


def with_another_x(path, rng):
    with h5py.File(path, "r+") as file:
        del file["X"]
        shapes = [np.ones(24), np.ones((24, 9, 2)), np.ones((9, 24)), np.ones((5, 9)), b"text",
                  np.full((24, 9), b"1"), np.ones((24, 9), complex), 5]  # fmt: skip
        file["X"] = shapes[rng.integers(len(shapes))]


KINDS = ("taken", "noted", "refused")


def read_mutated(seeds: Iterable[int], path: Path) -> dict[str, int]:
    """How many of the files that these seeds make are taken as they stand, noted and refused."""
    plain().write_h5ad(path)
    original, counts = load_h5ad(path), dict.fromkeys(KINDS, 0)
    assert original.uns["notes"] == []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        mutated = plain()
        for _ in range(rng.integers(1, 4)):
            mutated = change(mutated, rng)
        uses = (check_panel, load_panel) if seed % 5 == 4 else (check_h5ad, load_h5ad)
        user_files._understood.cache_clear()
        if seed % WRITTEN == 0 and can_be_written(mutated, path):
            mutated = anndata.read_h5ad(path)
            understood, cohort = read(path, uses)
        else:
            given = lambda *_, mutated=mutated, **__: mutated.copy()  # noqa: E731
            with mock.patch.object(user_files, "open_store", given):
                understood, cohort = read(path, uses)
        assert (understood is None) == (cohort is None), "what a run meets was found before it"
        kind = "refused" if cohort is None else "noted" if understood else "taken"
        counts[kind] += 1
        if cohort is not None:
            assert np.isfinite(cohort.X).all() and cohort.var_names.is_unique
        if kind == "taken":
            assert_same(cohort, mutated, original)
    return counts


BREAKS = (truncated, without_a_part, with_another_x)


def read_broken(break_it, path: Path) -> dict[str, int]:
    """The same of files that are cut, or lack a part, or have another X."""
    counts = dict.fromkeys(KINDS, 0)
    for seed in range(N_BROKEN // len(BREAKS)):
        plain().write_h5ad(path)
        break_it(path, np.random.default_rng(seed))
        user_files._understood.cache_clear()
        understood, cohort = read(path, (check_h5ad, load_h5ad))
        counts["refused" if cohort is None else "noted" if understood else "taken"] += 1
    return counts


def main() -> None:
    """Read all of them and print how many were read and refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publish", action="store_true", help="write the counts for the book")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "mutated.h5ad"
        broken = pd.DataFrame([read_broken(break_it, path) for break_it in BREAKS]).sum()
        rows = [
            {"files": "one to three changes", "tried": N_FILES}
            | read_mutated(range(N_FILES), path),
            {"files": "cut, or a part gone or another", "tried": int(broken.sum())} | dict(broken),
        ]
    print(pd.DataFrame(rows).to_string(index=False))
    if given.publish:
        publish_check("mutated_files", pd.DataFrame(rows))


if __name__ == "__main__":
    main()
