"""The chapter's takeaways, written from a run's own numbers and from the published sweep."""

import numpy as np
import pandas as pd

from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import bullet_list, compare, counted, few_seeds, in_a_row, sweep_link
from helpers.pancan_vae.biology_takeaways import hallmarks_in_dimensions, unlabelled_clusters
from helpers.pancan_vae.claims import Evidence, Expected
from helpers.pancan_vae.classifiers.mistakes import Mistakes
from helpers.pancan_vae.classifiers.space_comparison import SealedScores, SpaceComparison
from helpers.pancan_vae.latent_space.seed_stability import SeedStability
from helpers.pancan_vae.latent_space.type_geometry import Geometry
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER
from helpers.pancan_vae.prognosis import Prognosis

HEIGHT = {"better than": "higher than", "worse than": "lower than"}
BALANCED = "classifier.balanced_accuracy"


def takeaways(evidence: Evidence, expected: Expected, sweep: pd.DataFrame) -> str:
    """Markdown list of what this run shows; what it cannot show is left out or said to be missing.

    `sweep`: the published table `pancan_latent`, one row a latent size × KL weight × seed.
    """
    return bullet_list(
        [
            telling_types(evidence.classifiers, evidence.sealed),
            latent_size(sweep),
            neighbours(evidence.mistakes, evidence.geometry, expected),
            standing_apart(evidence.mistakes, evidence.geometry, expected.apart),
            unlabelled_clusters(evidence.clusters, evidence.cluster_scores),
            hallmarks_in_dimensions(evidence.hallmarks, evidence.every_fold),
            returning_dimensions(evidence.stability),
            survival_in_latents(evidence.survival),
        ]
    )


def telling_types(classifiers: SpaceComparison, sealed: SealedScores) -> str:
    """The VAE against PCA and the whole profile, over seeds and on the sealed fold."""
    scores = {
        variant: classifiers.values("balanced_accuracy", variant)
        for variant in ("vae", "pca", "vae_logistic", "pca_logistic", "raw")
    }
    mlp = compare(scores["vae"], scores["pca"])
    logistic = compare(scores["vae_logistic"], scores["pca_logistic"])
    whole = compare(scores["raw"], scores["vae_logistic"])
    widths = classifiers.scores.groupby("variant")["n_features"].max()
    row = sealed.scores.loc["vae"]
    return (
        f"**Telling cancer types.** With the paper's MLP, {widths['vae']} latents are {mlp.order} "
        f"{widths['pca']} principal components (balanced accuracy {mlp.numbers}); with logistic "
        f"regression they are {logistic.order} them ({logistic.numbers}). Under logistic "
        f"regression the whole profile is {whole.order} the latents ({whole.numbers}). Of "
        f"{row['n']:,.0f} sealed patients, the MLP tells {row['only_here']:.0f} right from latents "
        f"only and {row['only_reference']:.0f} from components only: {_by_chance(row['p'])} "
        f"(McNemar, p = {row['p']:.2g}).{_papers_model(classifiers, sealed)} "
        f"{few_seeds(len(mlp.a))}".rstrip()
    )


def _by_chance(p: float) -> str:
    return f"{'more' if p < 0.05 else 'no more'} than chance explains"


def _papers_model(classifiers: SpaceComparison, sealed: SealedScores) -> str:
    """The paper's own model against this chapter's and against components; "" if not trained."""
    paper = classifiers.values("balanced_accuracy", PAPER)
    if not paper:
        return ""
    here = compare(paper, classifiers.values("balanced_accuracy", "vae"))
    pca = compare(paper, classifiers.values("balanced_accuracy", "pca"))
    logistic = compare(
        classifiers.values("balanced_accuracy", f"{PAPER}_logistic"),
        classifiers.values("balanced_accuracy", "pca_logistic"),
    )
    return (
        f" The model {AS_THE_PAPER_HAS_IT} is, under the MLP, {here.order} this chapter's "
        f"({here.numbers}) and {pca.order} components ({pca.numbers}), under logistic regression "
        f"{logistic.order} them ({logistic.numbers}).{_papers_sealed(sealed)}"
    )


def _papers_sealed(sealed: SealedScores) -> str:
    if PAPER not in sealed.scores.index:
        return ""
    row = sealed.scores.loc[PAPER]
    return (
        f" Of the sealed patients its MLP tells {row['only_here']:.0f} right that components' does "
        f"not, and {row['only_reference']:.0f} the other way round: {_by_chance(row['p'])} "
        f"(p = {row['p']:.2g})."
    )


def latent_size(sweep: pd.DataFrame) -> str:
    """The published sweep: VAE against PCA at each latent size, and what a large KL weight does."""
    sizes = [
        f"{n_latent} latents are {said}"
        for n_latent, rows in sweep.groupby("n_latent")
        if (said := _against_components(rows))
    ]
    if not sizes:
        return ""
    n_weights, n_seeds = sweep["kl_weight"].nunique(), sweep["seed"].nunique()
    return (
        f"**Size.** In the published sweep {sweep_link('pancan_latent')} (its page says on which "
        "patients), latents and as many principal components are compared by balanced accuracy "
        f"over {counted(n_weights, 'KL weight')} and {counted(n_seeds, 'initialisation')} on the "
        f"same patients, so that the spread is not over patients: {'; '.join(sizes)}."
        f"{_emptied(sweep)}"
    )


def _against_components(rows: pd.DataFrame) -> str:
    """Latents of one size against components under both classifiers; "" where none was scored."""
    said = []
    for suffix, words in {"": "the MLP", "_logistic": "logistic regression"}.items():
        columns = [f"{BALANCED}.{space}{suffix}" for space in ("vae", "pca")]
        scored = rows.reindex(columns=columns).dropna()
        if len(scored):
            pair = compare(*scored.to_numpy(float).T)
            said.append(f"{pair.order} components under {words} ({pair.numbers})")
    return in_a_row(said)


def _emptied(sweep: pd.DataFrame) -> str:
    """Active units and accuracy of the largest size, at the smallest and largest KL weight."""
    largest = sweep[sweep["n_latent"] == sweep["n_latent"].max()]
    low, high = largest["kl_weight"].min(), largest["kl_weight"].max()
    if not low < high:
        return ""
    ends = [largest[largest["kl_weight"] == weight] for weight in (low, high)]
    units, accuracy = (
        " and ".join(mean_and_sd(rows[column]) for rows in ends)
        for column in ("latent.active_units", f"{BALANCED}.vae")
    )
    return (
        f" Of {largest['n_latent'].iloc[0]} latents, {units} are active at KL weights of {low:g} "
        f"and {high:g}, with a balanced accuracy of {accuracy}."
    )


def neighbours(mistakes: Mistakes, geometry: Geometry, expected: Expected) -> str:
    """Which types are confused most, and what becomes of those the paper or the truth names."""
    said = [f"**Neighbours.** {_most_confused(mistakes.pairs)}"]
    named = {"paper": "the paper names", "truth": "was planted"}[expected.reference]
    a, b = expected.mixed
    rank = mistakes.rank(a, b)
    if rank is None:
        said.append(f"The pair that {named}, {a} and {b}, is not in this cohort.")
    else:
        n_errors = mistakes.pairs["n_errors"].iloc[rank - 1]
        place = f"comes {_ordinal(rank)}" if n_errors else "is never confused"
        said.append(f"The pair that {named}, {a} and {b}, {place}.")
    if set(expected.near) <= set(expected.types):
        mutual = geometry.mutually_nearest(*expected.near)
        names, seeds = " and ".join(expected.near), counted(len(mutual), "seed")
        said.append(f"{names} are each other's nearest type in {sum(mutual):.0f} of {seeds}.")
    return " ".join(said)


def _most_confused(pairs: pd.DataFrame) -> str:
    wrong = pairs[pairs["n_errors"] > 0]
    if wrong.empty:
        return "No held-out patient was given another's type."
    names, rates = (
        [f"{a} and {b}" for a, b in zip(wrong["a"], wrong["b"], strict=True)],
        [f"{rate:.1%}" for rate in wrong["rate"]],
    )
    if len(wrong) == 1:
        return f"{names[0]} are the only types confused ({rates[0]} of their patients)."
    if wrong["rate"].iloc[0] == wrong["rate"].iloc[1]:
        n = int((wrong["rate"] == wrong["rate"].iloc[0]).sum())
        tied = "; ".join(names[: min(n, 4)])
        return f"{n} pairs of types are confused equally often ({rates[0]}): {tied}."
    return (
        f"{names[0]} are confused most ({rates[0]} of their patients), then {names[1]} "
        f"({rates[1]})."
    )


def _ordinal(rank: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth")
    return words[rank - 1] if rank <= len(words) else f"at place {rank}"


def standing_apart(mistakes: Mistakes, geometry: Geometry, apart: str) -> str:
    """How well the type that should stand alone is recognised, and its silhouette in two spaces."""
    if apart not in mistakes.confusion.index:
        return ""
    row = mistakes.confusion.loc[apart]
    said = (
        f"**Standing apart.** {row[apart]} of {row.sum()} held-out {apart} tumours are recognised."
    )
    latent = geometry.score("vae", "silhouette_apart")
    decoded = geometry.score("vae_decoded", "silhouette_apart")
    if not latent or not decoded:
        return said
    pair = compare(decoded, latent)
    order = HEIGHT.get(pair.order, pair.order)
    return (
        f"{said} Its silhouette against the rest is {mean_and_sd(latent)} in the latent space; by "
        f"what the decoder makes of the latents it is {order} that ({pair.numbers})."
    )


def returning_dimensions(stability: SeedStability | None) -> str:
    """How far space, axes and directions come back under another seed."""
    if stability is None:
        return "**Reading dimensions.** One seed cannot say which dimensions come back."
    table = stability.agreement
    matched, control = (
        table["matched_r"].map("{:.2f}".format),
        table["control"].map("{:.2f}".format),
    )
    return (
        "**Reading dimensions.** Between seeds the space agrees to "
        f"{table.loc['axes', 'subspace']:.2f} (mean canonical correlation), its axes to "
        f"{matched['axes']} (matched |r|; {control['axes']} with shuffled patients), varimax "
        f"directions to {matched['directions']} ({control['directions']}). Read only what returns."
    )


def survival_in_latents(survival: Prognosis) -> str:
    """The latents' concordance against shuffled latents, clinical facts, and both together."""
    against = [
        ("latent", "shuffled", "latents are {} latents of the wrong patients"),
        ("latent", "clinical", "latents are {} age, sex and stage"),
        ("both", "clinical", "both together are {} age, sex and stage alone"),
    ]
    said = []
    for first, second, words in against:
        paired = pd.concat([survival.by_seed(first), survival.by_seed(second)], axis=1).dropna()
        if len(paired):
            pair = compare(*np.asarray(paired, float).T)
            said.append(f"{words.format(pair.order)} ({pair.numbers})")
    if not said:
        return "**Survival.** No cancer type has the deaths or the follow-up it takes to say."
    return f"**Survival.** By held-out concordance within cancer types, {'; '.join(said)}."
