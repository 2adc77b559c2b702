"""The folds are scikit-learn's, and made once however often they are asked for."""

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from helpers.coembedding.benchmarks import stratified_parts as module
from helpers.coembedding.benchmarks.stratified_parts import stratified_parts


def test_folds_are_those_of_scikit_learn_and_are_kept(monkeypatch):
    rng = np.random.default_rng(0)
    labels = rng.choice([*"abc"], 90)
    patients = np.repeat([f"p{number}" for number in range(45)], 2)
    expected = list(
        StratifiedGroupKFold(5, shuffle=True, random_state=3).split(labels, labels, patients)
    )
    found = stratified_parts(labels, patients, 5, 3)
    for (train, test), (other_train, other_test) in zip(found, expected, strict=True):
        assert (train == other_train).all() and (test == other_test).all()
        assert not set(patients[train]) & set(patients[test])
    monkeypatch.setattr(module, "StratifiedGroupKFold", None)
    assert stratified_parts(labels.astype(object), patients, 5, 3) is found
