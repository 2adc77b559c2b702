"""Labels of a sample as the columns a conditional model is told: cancer type, origin, purity."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Conditions:
    """One-hot cancer type, one-hot sample type and purity times a multiplier, side by side.

    types              cancer types with a column of their own, in this order
    purity_multiplier  factor on purity, which decides how much it weighs beside the one-hot columns
    with_purity        False leaves the purity column out (the paper's ablation)
    """

    types: tuple[str, ...]
    purity_multiplier: float
    with_purity: bool

    @property
    def n_labels(self) -> int:
        """Columns of `encode`."""
        return len(self.types) + 2 + self.with_purity

    def encode(
        self, cancer_type: Sequence[str], is_line: Sequence[bool], purity: Sequence[float]
    ) -> Float[Tensor, "sample label"]:
        """Columns: each of `types`, tumour, cell line, purity × multiplier.

        A cancer type without a column (one held out of training) gets zeros in all of them.

        Raises:
            ValueError: parts of unequal length, or a purity outside 0–1 or missing.
        """
        line = torch.as_tensor(is_line, dtype=torch.float32)
        share = torch.as_tensor(purity, dtype=torch.float32)
        if not len(cancer_type) == len(line) == len(share):
            raise ValueError(
                "`cancer_type`, `is_line` and `purity` must have one value per sample; got "
                f"{len(cancer_type)}, {len(line)} and {len(share)}."
            )
        is_outside = ~((share >= 0) & (share <= 1))
        if is_outside.any():
            worst = int(is_outside.nonzero()[0])
            raise ValueError(
                f"`purity` must lie between 0 and 1; sample {worst} has {float(share[worst])}. "
                "Give percentages as shares, and fill in what is missing."
            )
        column = {name: index for index, name in enumerate(self.types)}
        one_hot = torch.zeros(len(line), len(self.types))
        for row, name in enumerate(cancer_type):
            if str(name) in column:
                one_hot[row, column[str(name)]] = 1.0
        columns = [one_hot, 1 - line[:, None], line[:, None]]
        if self.with_purity:
            columns.append(self.purity_multiplier * share[:, None])
        return torch.cat(columns, dim=1)
