"""What happened in training: every loss term, unweighted, for every epoch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass
class History:
    """One row an epoch and term, and how training ended.

    Attributes:
        rows: dicts with `epoch` (from 1), `term`, `train`, `validation` (nats per sample,
            unweighted), ready for a DataFrame. The term `total` is the weighted objective at the
            weights training ends with, so that epochs of a warm-up can be compared.
        measures: dicts with `epoch`, `measure`, `value`: what the model's `after_epoch` told about
            itself on all training rows, such as codes in use.
        best_epoch: the epoch whose weights the model holds; 0 before the first.
        stopped: "finished" | "early" | "interrupted".
    """

    rows: list[dict] = field(default_factory=list)
    measures: list[dict] = field(default_factory=list)
    best_epoch: int = 0
    best_total: float = float("inf")
    stopped: str = "finished"

    @property
    def n_epochs(self) -> int:
        """Epochs done."""
        return self.rows[-1]["epoch"] if self.rows else 0

    def add(self, epoch: int, train: Mapping[str, float], validation: Mapping[str, float]) -> None:
        """Append one epoch's terms."""
        self.rows += [
            {"epoch": epoch, "term": term, "train": train[term], "validation": validation[term]}
            for term in train
        ]

    def add_measures(self, epoch: int, values: Mapping[str, float]) -> None:
        """Append one epoch's measures."""
        self.measures += [
            {"epoch": epoch, "measure": name, "value": value} for name, value in values.items()
        ]

    def is_best(self, epoch: int, total: float) -> bool:
        """Note `total` as the best validation objective if it is; tell whether it was."""
        if total >= self.best_total:
            return False
        self.best_epoch, self.best_total = epoch, total
        return True

    def state_dict(self) -> dict:
        """Plain containers, for a checkpoint."""
        return asdict(self)
