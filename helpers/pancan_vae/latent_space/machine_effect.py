"""Can the latent space tell sequencing machines within a cancer type, corrected for them or not?"""

from dataclasses import dataclass, field, replace

import pandas as pd

from helpers.models.readout import posterior_mean
from helpers.pancan_vae.argument_groups import Inputs, Recipe
from helpers.pancan_vae.classifiers.classification import logistic_classifier
from helpers.pancan_vae.folds import TrainedFold, for_epochs, prepare_fold, train_vae
from helpers.pancan_vae.latent_space.neighbourhoods import batch_predictability

INPUTS = ("uncorrected", "corrected")


@dataclass(frozen=True)
class MachineEffect:
    """How well held-out latents tell the machine, and the type, without and with the correction.

    by_type: input → `batch_predictability`, one row a cancer type; no input where the cohort names
    one machine or none. type_accuracy: input → accuracy of the cancer type, in [0, 1].
    """

    by_type: dict[str, pd.DataFrame] = field(default_factory=dict)
    type_accuracy: dict[str, float] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`batch`, both inputs side by side."""
        return {"batch": pd.concat(self.by_type, axis=1)} if self.by_type else {}

    @property
    def metrics(self) -> dict[str, float]:
        """`batch.type_accuracy.<input>` and, over the types, `batch.balanced_accuracy.<input>`."""
        accuracy = {f"batch.type_accuracy.{name}": v for name, v in self.type_accuracy.items()}
        return accuracy | {
            f"batch.balanced_accuracy.{name}": table["balanced_accuracy"].mean()
            for name, table in self.by_type.items()
            if len(table)
        }

    @property
    def summary(self) -> pd.DataFrame:
        """Balanced accuracy of the machine, one row a cancer type, one column an input."""
        columns = {name: table["balanced_accuracy"] for name, table in self.by_type.items()}
        return pd.DataFrame(columns)

    @property
    def reading(self) -> str:
        """What the table says, in a sentence."""
        if self.summary.empty:
            return "No cancer type here has enough held-out patients of two known machines."
        means = [f"{mean:.2f} {name}" for name, mean in self.summary.mean().items()]
        n = len(self.summary)
        return f"Balanced accuracy of the machine, mean of {n} cancer types: {', '.join(means)}."


def has_machines(obs: pd.DataFrame) -> bool:
    """Whether the cohort names two sequencing machines or more."""
    return "batch" in obs and len(set(obs["batch"])) > 1


def machines(obs: pd.DataFrame) -> pd.Series:
    """Sequencing machine of each sample; "one machine" where the cohort names one or none."""
    return obs["batch"] if has_machines(obs) else pd.Series("one machine", index=obs.index)


def cohort_overview(obs: pd.DataFrame) -> pd.DataFrame:
    """Samples of each cancer type by kind of sample and, where there are several, by machine."""
    columns = ["sample_type", "batch"] if has_machines(obs) else ["sample_type"]
    counts = [pd.crosstab(obs["cancer_type"], obs[column]) for column in columns]
    return pd.concat(counts, axis=1)


def measure_machine_effect(
    run: TrainedFold, inputs: Inputs, recipe: Recipe, smallest: int
) -> MachineEffect:
    """Train the fold again without the correction and ask both latent spaces for the machine.

    `smallest`: held-out patients of one machine and type from which the machine is asked for.
    """
    if not has_machines(run.fold.parts["all"].obs):
        return MachineEffect()
    parts, seed = run.fold.parts, run.seed
    inputs = replace(inputs, correct_batch=False)
    plain = prepare_fold(parts["all"], (parts["train"], parts["test"]), inputs, seed)
    recipe = for_epochs(recipe, run.history.best_epoch)
    model, _ = train_vae(plain.x["train"], plain.x["watched"], recipe, seed)
    uncorrected = {part: posterior_mean(model, plain.x[part]) for part in ("train", "test")}

    batch, types = parts["test"].obs["batch"], run.fold.types
    probe = logistic_classifier(seed).fit(uncorrected["train"], types["train"])
    probes = probe, run.classifiers["vae", "logistic"]
    by_type, accuracy = {}, {}
    for name, z, probe in zip(INPUTS, (uncorrected, run.z), probes, strict=True):
        accuracy[name] = probe.score(z["test"], types["test"])
        by_type[name] = batch_predictability(z["test"], batch, types["test"], seed, smallest)
    return MachineEffect(by_type, accuracy)
