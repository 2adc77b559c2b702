"""A few of the pitfalls, planted together in one copy: the named test of each must fail.

`make mutants` plants all of them, one at a time, and asks every test of the module.
"""

import os
import re
import subprocess
import sys

import pytest

from tests.mutants.pitfalls import PITFALLS
from tests.mutants.tree_copy import copy_tree

pytestmark = pytest.mark.kernel

RNALIGN, VQVAE = "tests/rnalign/metrics", "tests/vqvae_subtyping/clusters"
CANARIES = {
    ("replicates of a patient across folds", "stratified_parts"): (
        "tests/coembedding/benchmarks/test_stratified_parts.py"
        "::test_folds_are_those_of_scikit_learn_and_are_kept"
    ),
    ("dcor bias", "dependence"): f"{RNALIGN}/test_dependence.py::test_the_value_is_dcors",
    ("25-NN with uneven types", "n_each"): (
        f"{RNALIGN}/test_line_match.py::test_equally_many_tumours_leave_no_type_ahead"
    ),
    ("kBET sensitivity", "fill_diagonal"): (
        f"{RNALIGN}/test_kbet.py::test_rejection_equals_a_loop_with_scipy"
    ),
    ("log-rank on clusters chosen for survival", "false_discovery"): (
        f"{VQVAE}/test_cluster_survival.py"
        "::test_cancers_are_adjusted_together_and_a_missing_p_stays_missing"
    ),
}


def planted_error(pitfall, word):
    (found,) = [
        mutant
        for mutant in PITFALLS
        if mutant.what == f"pitfall: {pitfall}" and word in mutant.file + mutant.old
    ]
    return found


def results(tree):
    """Test function → whether it failed, in the copy `tree`."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
    environment = {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [*command, *CANARIES.values()],
        cwd=tree,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    said = re.findall(r"^(PASSED|FAILED|ERROR) ([^\s\[]+)", done.stdout, flags=re.MULTILINE)
    failed = {test: False for _, test in said}
    return failed | {test: True for word, test in said if word != "PASSED"}, done.stdout


def test_a_guard_taken_out_is_seen(tmp_path):
    tree = copy_tree(tmp_path / "tree")
    before, said = results(tree)
    assert before == dict.fromkeys(CANARIES.values(), False), said
    for pitfall, word in CANARIES:
        mutant = planted_error(pitfall, word)
        path = tree / mutant.file
        path.write_text(mutant.planted_in(path.read_text(encoding="utf-8")), encoding="utf-8")
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()
    after, said = results(tree)
    assert after == dict.fromkeys(CANARIES.values(), True), said
