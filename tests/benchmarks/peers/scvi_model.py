"""An epoch of scvi-tools' SCVI: `scvi_model.py COUNTS.npy MINIBATCH_SIZE FOLDER`.

SCVI has one width for all its layers; 512 twice, its own likelihood (zero-inflated negative
binomial) and batch normalisation do more than the Gaussian VAEs that it is timed beside.
"""

import logging
import warnings

import anndata
import numpy as np
import scvi
from turn_taking import serve


def prepare(path: str, minibatch_size: str, folder: str):
    """A function that trains one epoch more."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    scvi.settings.seed = 0
    cohort = anndata.AnnData(np.load(path))
    scvi.model.SCVI.setup_anndata(cohort)
    model = scvi.model.SCVI(cohort, n_hidden=512, n_layers=2, n_latent=32)
    quiet = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
    options = {"train_size": 1.0, "batch_size": int(minibatch_size), "default_root_dir": folder}
    return lambda: model.train(max_epochs=1, **options, **quiet)


if __name__ == "__main__":
    serve(prepare, "scvi-tools", "torch")
