"""How much samples of a type vary, and a decoder's answer made to vary as much.

A departure from paper 4, and the project's own: a decoder says the expected profile, so that what
it decodes is smoother than what it was given.
"""

import numpy as np

MOST = 10.0  # times that a gene is spread at most: where nothing is left, nothing can be restored


class Spread:
    """Factors, gene by gene, that give decoded samples the spread of those that came in.

    Spread: SD around the means of each type's tumours and of its lines, over all of them.

    Attributes:
        centres: type → mean of what is decoded. factor: one value a gene, in [0, 10].
    """

    def __init__(
        self, decoded: np.ndarray, x: np.ndarray, is_line: np.ndarray, cancer_type: np.ndarray
    ) -> None:
        """Learn from samples × genes as they are decoded and as they came."""
        wanted, found = (_within(values, is_line, cancer_type) for values in (x, decoded))
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(found > 0, wanted / found, 0.0)
        self.factor = np.minimum(factor, MOST).astype(decoded.dtype)
        self.centres = {
            str(name): decoded[cancer_type == name].mean(axis=0) for name in np.unique(cancer_type)
        }
        self._overall = decoded.mean(axis=0)

    def restore(self, decoded: np.ndarray, cancer_type: np.ndarray) -> np.ndarray:
        """`decoded`, further from or nearer to its type's mean; an unknown type has the overall."""
        centre = np.stack([self.centres.get(str(name), self._overall) for name in cancer_type])
        return centre + self.factor * (decoded - centre)


def _within(x: np.ndarray, is_line: np.ndarray, cancer_type: np.ndarray) -> np.ndarray:
    """SD of each gene around the mean of a sample's type and origin."""
    squares = np.zeros(x.shape[1])
    for name in np.unique(cancer_type):
        for side in (False, True):
            part = x[(cancer_type == name) & (is_line == side)]
            if len(part):
                squares += ((part - part.mean(axis=0)) ** 2).sum(axis=0)
    return np.sqrt(squares / len(x))
