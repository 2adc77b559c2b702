import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.assignment import assign_to_clusters, predict_held_out


def planted(seed=0, n=90):
    rng = np.random.default_rng(seed)
    labels = rng.choice(["A", "B", "C"], n)
    centres = {name: 4 * rng.normal(size=5) for name in "ABC"}
    x = np.array([centres[name] for name in labels]) + rng.normal(size=(n, 5))
    return x * [1, 10, 0.1, 1, 1], labels


def test_it_is_sklearns_nearest_centroid_of_standardised_columns():
    x, labels = planted()
    new = x + np.random.default_rng(1).normal(size=x.shape)
    scaler = StandardScaler().fit(x)
    expected = NearestCentroid().fit(scaler.transform(x), labels).predict(scaler.transform(new))
    np.testing.assert_array_equal(assign_to_clusters(x, labels, new), expected)


def test_k_means_clusters_are_their_own_nearest_centroids():
    x = StandardScaler().fit_transform(planted()[0])
    labels = KMeans(3, n_init=3, random_state=0).fit_predict(x)
    np.testing.assert_array_equal(assign_to_clusters(x, labels, x), labels)


def test_a_sample_does_not_see_its_own_label():
    x, labels = planted()
    predicted = predict_held_out(x, labels)
    assert np.mean(predicted == labels) > 0.95
    wrong = labels.copy()
    wrong[0] = "C" if labels[0] != "C" else "A"
    assert predict_held_out(x, wrong)[0] == predicted[0]


def test_random_labels_are_predicted_at_chance():
    x, labels = np.random.default_rng(0).normal(size=(600, 5)), np.arange(600) % 3
    assert np.mean(predict_held_out(x, labels) == labels) < 0.42
    assert np.mean(assign_to_clusters(x, labels, x) == labels) > np.mean(
        predict_held_out(x, labels) == labels
    )


def test_constant_columns_say_nothing_and_bad_input_is_refused():
    x, labels = planted()
    with_constant = np.column_stack([x, np.full(len(x), 3.0)])
    np.testing.assert_array_equal(
        assign_to_clusters(with_constant, labels, with_constant), assign_to_clusters(x, labels, x)
    )
    with pytest.raises(ValueError, match="columns of `x_train`: 5, got 4"):
        assign_to_clusters(x, labels, x[:, :4])
    with pytest.raises(ValueError, match="2 to the 90 samples; got 1"):
        predict_held_out(x, labels, n_folds=1)
