"""Which cancer type, and which modality, does an embedding tell: XGBoost in five folds.

Read the two together: a co-embedding that mixes modalities by forgetting biology lowers both.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.coembedding.benchmarks.stratified_parts import stratified_parts
from helpers.evaluate.arrays import as_labels, as_matrix

N_ROUNDS = 60  # of boosting, one tree a class each
SETTINGS = {"max_depth": 3, "learning_rate": 0.3, "subsample": 0.8}
SETTINGS |= {"colsample_bytree": 0.5, "max_bin": 64, "tree_method": "hist", "verbosity": 0}
COLUMNS = ["fold", "accuracy", "balanced_accuracy", "majority", "n_train", "n_test"]


def cohort_accuracy(
    z: ArrayLike,
    labels: ArrayLike,
    patient: ArrayLike,
    *,
    n_folds: int = 5,
    shuffled: bool = False,
    seed: int = 0,
) -> pd.DataFrame:
    """Held-out accuracy of an XGBoost classifier of the labels, in [0, 1]; higher is better.

    The paper's cohort accuracy: trained and scored in `n_folds` on the embedding (posterior
    means). Folds are stratified by label and never part a patient. Classes of fewer than `n_folds`
    patients are left out, listed in `.attrs["left_out"]`. `shuffled`: labels permuted over
    patients, which must fall to `majority`, the accuracy of always saying the commonest training
    class. A row a fold, columns COLUMNS; `standard_error` sums them up.

    Raises:
        ValueError: fewer than two classes with `n_folds` patients, or unequal lengths.
    """
    latent = as_matrix(z, "z")
    names = as_labels(labels, "labels", len(latent)).astype(str)
    patients = as_labels(patient, "patient", len(latent)).astype(str)
    kept, left_out = _large_classes(names, patients, n_folds)
    latent, names, patients = latent[kept], names[kept], patients[kept]
    if shuffled:
        names = _permuted_over_patients(names, patients, seed)
    classes, y = np.unique(names, return_inverse=True)
    rows = []
    for fold, (train, test) in enumerate(stratified_parts(y, patients, n_folds, seed)):
        predicted = _predictions(latent[train], y[train], latent[test], seed)
        majority = np.bincount(y[train]).argmax()
        rows.append([fold, *_scores(y[test], predicted), float((y[test] == majority).mean())])
        rows[-1] += [len(train), len(test)]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.attrs = {"left_out": left_out, "n_classes": len(classes)}
    return table


def modality_accuracy(
    a: ArrayLike,
    b: ArrayLike,
    patient_a: ArrayLike,
    patient_b: ArrayLike,
    *,
    n_folds: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """`cohort_accuracy` of the modality of a latent point: 0.5 (balanced) is mixed, 1 is apart.

    Lower is better mixed, but worth nothing without the cohort accuracy beside it. Both modalities
    of a patient are in one fold. Read balanced_accuracy where the modalities differ in number.
    """
    first = as_matrix(a, "a")
    second = as_matrix(b, "b")
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            "both modalities must lie in one latent space; got "
            f"{first.shape[1]} and {second.shape[1]} dimensions."
        )
    patients = np.concatenate(
        [
            as_labels(patient_a, "patient_a", len(first)).astype(str),
            as_labels(patient_b, "patient_b", len(second)).astype(str),
        ]
    )
    modality = np.repeat(["a", "b"], [len(first), len(second)])
    return cohort_accuracy(
        np.concatenate([first, second]),
        modality,
        patients,
        n_folds=n_folds,
        seed=seed,
    )


def transfer_accuracy(
    train_z: ArrayLike,
    train_labels: ArrayLike,
    test_z: ArrayLike,
    test_labels: ArrayLike,
    *,
    seed: int = 0,
) -> dict[str, float]:
    """Accuracy on one modality of a classifier trained on the other, in [0, 1]; higher is better.

    Only a shared space lets it work. Test samples whose class was not trained on count as wrong.
    Pass other patients' samples as the test, since a patient in both would be known.
    """
    first, second = as_matrix(train_z, "train_z"), as_matrix(test_z, "test_z")
    classes, y = np.unique(
        as_labels(train_labels, "train_labels", len(first)).astype(str), return_inverse=True
    )
    truth = as_labels(test_labels, "test_labels", len(second)).astype(str)
    predicted = classes[_predictions(first, y, second, seed)]
    accuracy, balanced = _scores(truth, predicted)
    return {"accuracy": accuracy, "balanced_accuracy": balanced}


def standard_error(values: ArrayLike) -> tuple[float, float]:
    """(mean, SE of the mean) of scores over folds or seeds, NaN left out; SE NaN for one value.

    SE = SD / √n. Folds share training samples, so their SE is too small; seeds are better.
    """
    finite = np.asarray(values, float)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return float("nan"), float("nan")
    spread = finite.std(ddof=1) / np.sqrt(len(finite)) if len(finite) > 1 else float("nan")
    return float(finite.mean()), float(spread)


def _predictions(
    train_x: np.ndarray, train_y: np.ndarray, test_x: np.ndarray, seed: int
) -> np.ndarray:
    """Codes of the test samples; XGBoost wants every code below its highest.

    What `XGBClassifier` predicts, in four fifths of its time: it does more than grow trees.
    """
    import xgboost

    present, y = np.unique(train_y, return_inverse=True)
    if len(present) == 1:
        return np.full(len(test_x), present[0])
    is_binary = len(present) == 2
    objective = {"objective": "binary:logistic" if is_binary else "multi:softprob"}
    objective |= {} if is_binary else {"num_class": len(present)}
    data = xgboost.QuantileDMatrix(train_x, y, max_bin=SETTINGS["max_bin"], nthread=1)
    model = xgboost.Booster(SETTINGS | objective | {"seed": seed, "nthread": 1}, [data])
    for number in range(N_ROUNDS):
        model.update(data, number)
    score = model.inplace_predict(np.ascontiguousarray(test_x))
    return present[(score > 0.5).astype(int) if is_binary else score.argmax(axis=1)]


def _scores(truth: np.ndarray, predicted: np.ndarray) -> tuple[float, float]:
    """(accuracy, mean over the classes of the truth of the share that is called rightly)."""
    is_right = truth == predicted
    recalls = [is_right[truth == name].mean() for name in np.unique(truth)]
    return float(is_right.mean()), float(np.mean(recalls))


def _large_classes(
    names: np.ndarray, patients: np.ndarray, n_folds: int
) -> tuple[np.ndarray, list[str]]:
    """Rows of the classes with `n_folds` patients, and the names of the others."""
    counts = pd.Series(patients).groupby(names).nunique()
    large = counts.index[counts >= n_folds]
    if len(large) < 2:
        raise ValueError(
            f"cohort accuracy needs two classes of {n_folds} or more patients; got "
            f"{counts.sort_values(ascending=False).head(3).to_dict()}. Lower n_folds or add types."
        )
    return np.isin(names, large), sorted(counts.index.difference(large))


def _permuted_over_patients(names: np.ndarray, patients: np.ndarray, seed: int) -> np.ndarray:
    """Labels given to other patients as a whole (each takes the label of its first sample)."""
    unique, first, inverse = np.unique(patients, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(unique))
    return names[first][order][inverse]
