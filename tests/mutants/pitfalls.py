"""The twenty-five ways to fool oneself in this field, each planted where a chapter guards it.

A guard taken out must fail a test: a number that is too good to be true is no test's business
unless somebody made it one. `PITFALLS` lists the errors by pitfall, the commonest form first.
"""

from tests.mutants.mutant import Mutant

VAE, COEMBEDDING = "helpers/pancan_vae", "helpers/coembedding"
VQVAE, RNALIGN = "helpers/vqvae_subtyping", "helpers/rnalign"

# Pitfall → (file, what stands there, what is planted).
PLANTED = {
    "gene selection on all samples": [
        (f"{VAE}/folds.py", ").fit(train)\n", ").fit(cohort)\n"),
        (f"{RNALIGN}/analyses/unseen.py", "fitted_on=samples[~is_test]", "fitted_on=samples"),
    ],
    "in-sample C-index": [
        (f"{VAE}/prognosis.py", 'run.z["test"], test,', 'run.z["train"], train,'),
        (
            f"{COEMBEDDING}/benchmarks/survival_folds.py",
            "parts = followed.iloc[train], followed.iloc[test]\n        best",
            "test = train\n        parts = followed.iloc[train], followed.iloc[test]\n        best",
        ),
    ],
    "embedding trained on the test fold": [
        (
            f"{VAE}/folds.py",
            'train_vae(fold.x["train"], fold.x["watched"]',
            'train_vae(fold.x["all"], fold.x["watched"]',
        ),
        (
            f"{VAE}/folds.py",
            'samples_pca(fold.x["train"], recipe',
            'samples_pca(fold.x["all"], recipe',
        ),
        (
            f"{RNALIGN}/analyses/unseen.py",
            "fit_rnalign(x[is_train], *facts.at(is_train),",
            "fit_rnalign(x, *facts,",
        ),
        (
            f"{RNALIGN}/analyses/unseen.py",
            "is_train = facts.cancer_type != left_out",
            'is_train = facts.cancer_type != ""',
        ),
    ],
    "scaler or batch correction on test": [
        (
            f"{COEMBEDDING}/donors/split.py",
            'is_test = cohort.obs["patient"].isin(held_out.obs["patient"]).to_numpy()\n    '
            "return cohort[~is_test].copy()",
            'is_test = cohort.obs["patient"].isin(held_out.obs["patient"]).to_numpy()\n    '
            "return cohort.copy()",
        ),
        (
            f"{COEMBEDDING}/benchmarks/survival_folds.py",
            "random_state=seed).fit(train_z)",
            "random_state=seed).fit(np.concatenate([train_z, test_z]))",
        ),
        (
            f"{VQVAE}/latents/held_out_scores.py",
            "share = is_train / is_train.sum(axis=1, keepdims=True)",
            "share = np.ones_like(is_train) / is_train.shape[1]",
        ),
    ],
    "replicates of a patient across folds": [
        (
            f"{COEMBEDDING}/benchmarks/stratified_parts.py",
            "tuple(map(str, patients))",
            "tuple(map(str, range(len(codes))))",
        ),
        (
            "helpers/cohorts/splits.py",
            'is_test = cohort.obs["patient"].isin(test_patients).to_numpy()',
            'is_test = (cohort.obs["patient"].isin(test_patients) & ~cohort.obs["patient"]'
            ".duplicated()).to_numpy()",
        ),
        (
            f"{COEMBEDDING}/benchmarks/cohort_accuracy.py",
            "return names[first][order][inverse]",
            "return np.random.default_rng(seed).permutation(names)",
        ),
    ],
    "CVAE given cancer type, scored by cancer type": [
        (
            f"{RNALIGN}/analyses/told_types.py",
            "self.decoded(model, types, np.full(len(x), commonest))",
            "self.decoded(model, types)",
        ),
        (
            f"{RNALIGN}/analyses/unseen.py",
            'no_type = facts._replace(cancer_type=np.full(len(data.x), "none"))',
            "no_type = facts",
        ),
        (
            f"{RNALIGN}/analyses/told_types.py",
            "MeanShift(per_type=True).fit(x, is_line, types)",
            "MeanShift(per_type=True).fit(x, is_line, self.data.facts.cancer_type)",
        ),
    ],
    "label in the encoder": [
        (
            f"{RNALIGN}/analyses/told_types.py",
            'infer_types(aligned["mean_shift"], facts)',
            "told.own",
        ),
        (
            f"{RNALIGN}/analyses/told_types.py",
            ").fit(x[~is_line], called[~is_line])",
            ").fit(x, called)",
        ),
    ],
    "purity": [
        (
            f"{RNALIGN}/metrics/purest_tumours.py",
            "chosen[~line] = (values[~line] >= threshold).to_numpy()",
            "chosen[~line] = True",
        ),
        (
            f"{RNALIGN}/metrics/purest_tumours.py",
            "values[~line].groupby(own_type[~line]).transform(",
            "values[~line].groupby(np.zeros(len(values[~line]))).transform(",
        ),
    ],
    "dcor bias": [
        (
            f"{RNALIGN}/metrics/dependence.py",
            "omega = products - 2 * pairs / (n - 2) + totals / ((n - 1) * (n - 2))",
            "omega = products - 2 * pairs / n + totals / n**2",
        ),
    ],
    "k-NN self-match": [
        (
            f"{VAE}/latent_space/neighbourhoods.py",
            "NearestNeighbors(n_neighbors=k).fit(z).kneighbors(return_distance=False)",
            "NearestNeighbors(n_neighbors=k).fit(z).kneighbors(z, return_distance=False)",
        ),
        (
            f"{RNALIGN}/metrics/line_match.py",
            "    tumours = ~samples.is_line\n    names, vote",
            "    tumours = np.ones_like(samples.is_line)\n    names, vote",
        ),
    ],
    "25-NN with uneven types": [
        (
            f"{RNALIGN}/metrics/line_match.py",
            "n_each = int(np.bincount(vote).min())",
            "n_each = int(np.bincount(vote).max())",
        ),
        (
            f"{RNALIGN}/metrics/line_match.py",
            '"match_mean": float(table["matched"].mean()),',
            '"match_mean": float(np.average(table["matched"], weights=table["n"])),',
        ),
        (
            f"{RNALIGN}/metrics/line_match.py",
            "rng.multivariate_hypergeometric(sizes, min(k, sum(sizes)), size=n_draws)",
            "rng.multivariate_hypergeometric([50] * len(sizes), k, size=n_draws)",
        ),
    ],
    "kBET sensitivity": [
        (f"{RNALIGN}/metrics/kbet.py", 'table["rejection"] - table["null"]', 'table["rejection"]'),
        (f"{RNALIGN}/metrics/kbet.py", "min(n_each, smallest[name])", "smallest[name]"),
        (f"{RNALIGN}/metrics/kbet.py", "np.fill_diagonal(gaps, np.inf)\n", "\n"),
    ],
    "PVCA": [
        (f"{RNALIGN}/metrics/pvca.py", "n_kept = max(3, int(", "n_kept = max(1, int("),
        (
            f"{RNALIGN}/metrics/pvca.py",
            "np.concatenate([rng.choice(s, len(s)) for s in sides])",
            "np.concatenate(sides)",
        ),
    ],
    "silhouette on quantised codes": [
        (
            f"{VQVAE}/clusters/clustering_scores.py",
            'scores["silhouette_common"] = silhouette(clusters, common)',
            'scores["silhouette_common"] = silhouette(clusters, own_space)',
        ),
    ],
    "k chosen with the labels": [
        (
            f"{VQVAE}/clusters/cluster_stability.py",
            "_agreement(_without_clusters(points, rng), ks",
            "_agreement(points, ks",
        ),
        (
            f"{VQVAE}/clusters/cluster_stability.py",
            'table["stability"] - table["null"]',
            'table["stability"]',
        ),
        (
            f"{VQVAE}/clusters/label_agreement.py",
            "float(expected_mutual_information(counts, int(counts.sum())))",
            "0.0",
        ),
    ],
    "log-rank on clusters chosen for survival": [
        (
            f"{VQVAE}/clusters/cluster_survival.py",
            'false_discovery_control(table.loc[known, "p"])',
            'table.loc[known, "p"]',
        ),
        (
            f"{VQVAE}/clusters/cluster_survival.py",
            "(1 + n_above) / (1 + n_permutations)",
            "n_above / n_permutations",
        ),
        (f"{VQVAE}/clusters/cluster_survival.py", "rng.permutation(number) for _", "number for _"),
    ],
    "posterior collapse": [
        (
            f"{VAE}/folds.py",
            '"kl": linear_warmup(recipe.kl_weight, recipe.kl_warmup)',
            '"kl": recipe.kl_weight',
        ),
        (
            "helpers/models/readout.py",
            "reconstruction(model, x, seed=seed),",
            "reconstruction(model, x),",
        ),
        (
            "helpers/models/readout.py",
            "model.encode(part).mean, model, x)",
            "model.encode(part).sample(), model, x)",
        ),
        (f"{VAE}/folds.py", 'active_units(run.z["test"])', 'run.z["test"].shape[1]'),
    ],
    "codebook collapse": [
        (f"{VQVAE}/extractors/vqvae.py", "self.quantizer.restart_dead(z)", "pass"),
        (
            f"{VQVAE}/extractors/vqvae.py",
            "z = read_in_parts(self._positions, self, x).to(x.device)",
            "z = read_in_parts(self._positions, self, x[:32]).to(x.device)",
        ),
        (f"{VQVAE}/extractors/quantizer.py", "dead = dead[: len(z)]", "dead = dead[:0]"),
    ],
    "adversarial mixing that erases biology": [
        (
            f"{COEMBEDDING}/benchmarks/coembedding_scores.py",
            "cohort_accuracy(both, np.tile(types, 2), np.tile(patients, 2), **dealt)",
            "cohort_accuracy(both, np.repeat(['a', 'b'], len(types)), np.tile(patients, 2))",
        ),
        (
            f"{COEMBEDDING}/embeddings/every_embedding.py",
            "return replace(split, atac=split.atac[rows])",
            "return split",
        ),
    ],
    "GSEA multiplicity": [
        ("helpers/evaluate/gsea.py", 'false_discovery_control(result["p"]) if', 'result["p"] if'),
        (
            "helpers/evaluate/over_representation.py",
            'tables, ignore_index=True)\n    table["q"] = false_discovery_control(table["p"].clip(',
            'tables, ignore_index=True)\n    table["q"] = (table["p"].clip(',
        ),
        ("helpers/evaluate/differential.py", "q = false_discovery_control(p)", "q = p"),
    ],
    "reading single latent dimensions": [
        (
            f"{VAE}/latent_space/seed_stability.py",
            "linear_sum_assignment(-np.abs(r))",
            "(np.arange(min(r.shape)), np.arange(min(r.shape)))",
        ),
        (
            f"{VAE}/latent_space/seed_stability.py",
            "np.random.default_rng(seed).permutation(second)",
            "second",
        ),
    ],
    "UMAP over-reading": [
        (
            f"{VAE}/latent_space/umap_picture.py",
            "trustworthiness(z, xy)",
            "trustworthiness(xy, xy)",
        ),
    ],
    "reconstructed DE looks too good": [
        (
            f"{COEMBEDDING}/benchmarks/reconstruction_differential.py",
            'is_large & (table["fdr"] < fdr)',
            'is_large | (table["fdr"] < fdr)',
        ),
        (
            f"{COEMBEDDING}/benchmarks/reconstruction_differential.py",
            "rng.binomial(whole, 0.5)",
            "whole // 2",
        ),
        (
            f"{COEMBEDDING}/benchmarks/reconstruction_differential.py",
            "np.divide(rebuilt_sd, sd,",
            "np.divide(sd, sd,",
        ),
    ],
    "Uno C at the tail": [
        (
            f"{COEMBEDDING}/benchmarks/survival_folds.py",
            'train.loc[is_death, "os_time"].quantile(tau_quantile)',
            'test["os_time"].max()',
        ),
        (
            f"{COEMBEDDING}/benchmarks/survival_folds.py",
            'followed = train["os_time"], train["os_event"]',
            'followed = obs["os_time"], obs["os_event"]',
        ),
        (f"{COEMBEDDING}/benchmarks/uno_c.py", ".astype(bool) & (times < tau)", ".astype(bool)"),
    ],
    "XGBoost cohort accuracy": [
        (
            f"{COEMBEDDING}/benchmarks/cohort_accuracy.py",
            "predicted = _predictions(latent[train], y[train], latent[test], seed)",
            "predicted = _predictions(latent, y, latent[test], seed)",
        ),
        (
            f"{COEMBEDDING}/benchmarks/cohort_accuracy.py",
            "np.bincount(y[train]).argmax()",
            "np.bincount(y[test]).argmax()",
        ),
    ],
}

PITFALLS = tuple(
    Mutant(file, old, new, f"pitfall: {pitfall}")
    for pitfall, errors in PLANTED.items()
    for file, old, new in errors
)
