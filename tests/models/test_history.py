"""What a training remembers of its epochs."""

from helpers.models.history import History


def test_epochs_are_counted_by_the_last_one():
    history = History()
    assert history.n_epochs == 0
    for epoch in (1, 2, 3):
        history.add(epoch, {"kl": 1.0}, {"kl": 2.0})
        assert history.n_epochs == epoch


def test_the_first_of_equal_epochs_is_the_best():
    history = History()
    assert history.is_best(1, 2.0) and not history.is_best(2, 2.0) and history.best_epoch == 1
    assert history.is_best(3, 1.5) and history.best_epoch == 3
