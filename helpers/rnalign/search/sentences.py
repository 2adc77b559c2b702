"""What the published searches say, in sentences written from their tables."""

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import Comparison, bullet_list, compare, counted, in_a_row, sweep_link
from helpers.rnalign.search.finalists import FEW
from helpers.rnalign.search.ideas import OURS, best_idea, with_ours
from helpers.rnalign.search.rules import OUTCOMES, RULES, choose_draw, rule_quality

RULE_WORDS = {
    "loss": "the total loss of validation donors (the paper's rule)",
    "alignment": "their misalignment",
    "kept": "their misalignment with a residual given back",
}
RIVALS = (
    "mean shift per type", "mean shift per type, shrunken", "linear projection", "ComBat",
    "ComBat told types",
    "Celligner as published", "Celligner by alignment", "MOBER as published", "MOBER by loss",
    "MOBER by alignment", "MOBER with residual",
)  # fmt: skip
LABEL_SCORES = {
    "match": ("lines among their label", {
        "input": "input", "rnalign": "RNAlign", "rnalign_ours": "ours",
        "shrunken_shift": "a shift, shrunken",
    }),
    "between": ("agreement in unseen genes between types", {
        "input": "input", "mean_shift_per_type": "mean shift per type", "rnalign": "RNAlign",
        "rnalign_no_type": "told no type", "rnalign_ours": "ours",
        "rnalign_ours_inferred": "ours told inferred types", "shrunken_shift": "a shift, shrunken",
    }),
    "within": ("within types", {
        "input": "input", "mean_shift": "mean shift", "rnalign": "RNAlign",
        "rnalign_no_type": "told no type", "rnalign_ours": "ours",
        "rnalign_ours_inferred": "ours told inferred types",
    }),
    "mislabelled": ("lines with a wrong label that find their true type", {
        "mean_shift_per_type": "mean shift per type", "rnalign": "RNAlign",
        "rnalign_inferred": "told inferred types", "rnalign_no_type": "told no type",
        "rnalign_ours": "ours", "rnalign_ours_inferred": "ours told inferred types",
    }),
}  # fmt: skip
"""Score of the label question → in words, and the methods that are said."""
METRICS = {
    "test.delta_d_relative": ("relative ΔD, by its size", False),
    "test.delta_kbet": ("ΔkBET", False),
    "test.match_mean": ("match", True),
    "test.r2_kept": ("r² kept", True),
}
"""Metric of a finalist → its name, and whether higher is better."""
_SUMMED_UP = {"test.misalignment": ("misalignment", False)}
_WORDS = _SUMMED_UP | METRICS


def search_sentence(search: pd.DataFrame, name: str) -> str:
    """How many draws failed, and how well each rule ranks the others by other donors' alignment.

    `search`: the published sweep `name`, a row a draw.
    """
    n_failed = int(search["loss.total"].isna().sum())
    ranks = [
        f"{RULE_WORDS[rule]} {row['rho']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        for rule, row in rule_quality(search).iterrows()
    ]
    few, all_of = (_chosen(search, n) for n in (FEW, None))
    return (
        f"**Tuning, published runs** (sweep {sweep_link(name)}): of {len(search)} draws from the "
        f"paper's ranges {n_failed} fail. Rank correlation with the misalignment of test donors "
        f"(95 % interval): {'; '.join(ranks)}. What the rules choose among {FEW} draws has a "
        f"misalignment there of {few}; among {len(search)}, {all_of}."
    )


def _chosen(search: pd.DataFrame, n_draws: int | None) -> str:
    words = [
        f"{choose_draw(search, rule, n_draws)[OUTCOMES[rule]]:.2f} by {word}"
        for rule, word in (("loss", "loss"), ("alignment", "alignment"), ("kept", "residual"))
        if RULES[rule] in search
    ]
    return in_a_row(words)


def finalists_sentence(runs: pd.DataFrame, name: str) -> str:
    """RNAlign by each rule against the best rival under each metric, on test donors.

    `runs`: the published sweep `name`, a row a finalist × seed. "" where RNAlign is not there.
    """
    parts = [
        f"{own} is {in_a_row(against)}"
        for own in ("RNAlign by loss", "RNAlign by alignment", "RNAlign with residual")
        if (against := [_against_best(runs, own, metric) for metric in METRICS]) and all(against)
    ]
    if not parts:
        return ""
    return (
        f"**Tuned alike, published runs** (sweep {sweep_link(name)}; test donors, against the best "
        f"rival under each metric): {'; '.join(parts)}."
    )


def best_rival(
    runs: pd.DataFrame,
    metric: str,
    rivals: Sequence[str] = RIVALS,
    higher_is_better: bool = True,
) -> str | None:
    """The finalist of best mean among rivals; None where none has a value.

    `higher_is_better`: of a metric that is neither the misalignment nor among METRICS.
    """
    higher = _WORDS[metric][1] if metric in _WORDS else higher_is_better
    means = _sized(runs[runs["label"].isin(rivals)]).groupby("label")[metric].mean().dropna()
    if means.empty:
        return None
    return str(means.idxmax() if higher else means.idxmin())


def _against_best(runs: pd.DataFrame, own: str, metric: str) -> str:
    rival = best_rival(runs, metric)
    pair = _paired(runs, own, rival, metric) if rival else None
    if pair is None:
        return ""
    word = _WORDS[metric][0]
    numbers = f"{mean_and_sd(pair.a, 2)} against {mean_and_sd(pair.b, 2)}"
    return f"{pair.order} {rival} in {word} ({numbers})"


def _paired(runs: pd.DataFrame, a: str, b: str, metric: str) -> Comparison | None:
    """Two finalists seed by seed."""
    wide = _sized(runs).pivot_table(metric, "seed", "label")
    if not {a, b} <= set(wide):
        return None
    pairs = wide[[a, b]].dropna()
    return compare(pairs[a], pairs[b], _WORDS[metric][1]) if len(pairs) else None


def _sized(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs with relative ΔD by its distance from 0: below it origins are pushed together."""
    return runs.assign(**{"test.delta_d_relative": runs["test.delta_d_relative"].abs()})


def finalists_table(runs: pd.DataFrame, more: Sequence[str] = ()) -> pd.DataFrame:
    """Mean ± SD over seeds as text, a row a finalist in the order of the sweep.

    Columns: misalignment and those of METRICS; `more`, other columns that the runs have.
    """
    columns = ["test.misalignment", *METRICS, *(name for name in more if name in runs)]
    groups = runs.groupby("label", sort=False)[columns]
    table = groups.agg(lambda values: mean_and_sd(values, 2))
    return table.rename(columns=lambda name: name.removeprefix("test."))


def published_takeaways(tables: Mapping[str, pd.DataFrame]) -> str:
    """Markdown: what the published sweeps on `ccle-tcga` say, each with its name.

    `tables`: of `published_table`, a row a run: "search", "finalists", "ablation",
    "transformations", "ideas", "deals" and "labels".
    """
    gaps = tables["ablation"], tables["transformations"]
    return bullet_list(
        [
            search_sentence(tables["search"], "rnalign_search"),
            finalists_sentence(tables["finalists"], "rnalign_finalists"),
            ideas_sentence(tables["ideas"], tables["finalists"], "rnalign_ideas"),
            deals_sentence(tables["deals"], "rnalign_deals"),
            labels_sentence(tables["labels"], "rnalign_labels"),
            _sweep_sentence(gaps[0], "Table 5", "rnalign_ablation", "RNAlign"),
            _sweep_sentence(gaps[1], "Table 4", "rnalign_transformations", "origin and purity"),
        ]
    )


def ideas_sentence(ideas: pd.DataFrame, finalists: pd.DataFrame, name: str) -> str:
    """What each idea does to the misalignment, and how validation's choice stands to rivals.

    `ideas`: the published sweep `name`, a row an idea × seed; `finalists`: that of the rivals.
    """
    if ideas.empty:
        return ""
    means = ideas.groupby("label", sort=False)[["test.misalignment"]].agg(
        lambda values: mean_and_sd(values, 2)
    )
    tried = [f"{label} {row['test.misalignment']}" for label, row in means.iterrows()]
    chosen = ideas[ideas["idea"] == best_idea(ideas)]
    label = str(chosen["label"].iloc[0])
    both = with_ours(finalists, ideas)
    against = [_against_best(both, OURS, metric) for metric in METRICS]
    rival = best_rival(finalists, "test.misalignment")
    return (
        f"**Ideas of our own** (sweep {sweep_link(name)}; misalignment of test donors): "
        f"{in_a_row(tried)}. Validation donors choose *{label}*"
        + (f", which is {in_a_row([word for word in against if word])}" if any(against) else "")
        + (f"; the rival of lowest misalignment is {rival}, with "
           f"{mean_and_sd(finalists[finalists['label'] == rival]['test.misalignment'], 2)}."
           if rival else ".")
        + " They are told the type, so that a match may be the label, and the list was drawn up "
          "after these test donors had been looked at: see the next two sentences."
    )  # fmt: skip


def deals_sentence(deals: pd.DataFrame, name: str) -> str:
    """Misalignment of donors by whom nothing was chosen, and how ours stands to the best rivals.

    `deals`: the published sweep `name`, a row a finalist × deal of donors.
    """
    if deals.empty:
        return ""
    values = deals.groupby("label", sort=False)["test.misalignment"].agg(mean_and_sd, 2)
    listed = in_a_row([f"{label} {value}" for label, value in values.items()])
    against = [word for metric in _WORDS if (word := _against_best(deals, OURS, metric))]
    n_deals = counted(deals["seed"].nunique(), "deal")
    return (
        f"**Donors who chose nothing** (sweep {sweep_link(name)}; misalignment, {n_deals} of them, "
        f"who only trained models in the search): {listed}."
        + (
            f" Ours, against the best rival or control in each: {in_a_row(against)}."
            if against
            else ""
        )
    )


def labels_sentence(labels: pd.DataFrame, name: str) -> str:
    """Match by label beside agreement in unseen genes, of models that the search chose.

    `labels`: the published sweep `name`, a row a rule × seed.
    """
    rows = labels[labels["label"] == "by alignment"]
    if rows.empty:
        return ""
    parts = []
    for score, (words, methods) in LABEL_SCORES.items():
        values = [
            f"{word} {mean_and_sd(asked, 2)}"
            for method, word in methods.items()
            if len(asked := _asked(labels, rows, f"label.{score}.{method}"))
        ]
        parts.append(f"{words}: {', '.join(values)}")
    return (
        f"**Alignment or label, tuned** (sweep {sweep_link(name)}, {counted(len(rows), 'seed')}): "
        f"{'; '.join(parts)}."
    )


def _asked(labels: pd.DataFrame, rows: pd.DataFrame, column: str) -> pd.Series:
    """One score of `rows`, or of the other runs where only they were asked it (ours)."""
    if column not in labels:
        return pd.Series(dtype=float)
    own = rows[column].dropna()
    return own if len(own) else labels[column].dropna()


def _sweep_sentence(runs: pd.DataFrame, table: str, sweep: str, whole: str) -> str:
    """ΔD of every label of a sweep, and its order to that of `whole`."""
    values = runs.pivot_table("test.delta_d", "seed", "label", sort=False)
    if whole not in values:
        return ""
    words = []
    for name in values.columns.drop(whole):
        pairs = values[[name, whole]].dropna()
        if len(pairs):
            pair = compare(pairs[name], pairs[whole], higher_is_better=False)
            words.append(f"{name} {mean_and_sd(pair.a)} ({pair.order} the first)")
    return (
        f"**{table}, published runs** (sweep {sweep_link(sweep)}; ΔD of test donors): {whole} "
        f"{mean_and_sd(values[whole])}{'; ' if words else ''}{in_a_row(words)}."
    )
