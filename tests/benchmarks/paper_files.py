"""Files with the publishers' names, formats and full sizes, of simulated content.

Laid out as a mirror: `HELPERS_DATA_MIRROR` set to the folder, the `paper-*` cohorts load from it.
Patients, Celligner's samples and gene symbols are the real ones, so that survival, purity, subtypes
and gene sets find them; the levels are a profile of each cancer type with noise, two decimals.
"""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group, load_sources
from helpers.cohorts.tcga.clinical import ENDPOINTS, load_clinical
from helpers.cohorts.tcga.genes import load_gene_annotation

N_SAMPLES, N_GENES, N_MICRORNAS = 11_000, 20_531, 743  # of Xena's tables
N_COMPENDIUM_GENES, N_DEPMAP_GENES = 58_581, 58_676
N_DONORS, N_PEAKS, PEAK = 404, 562_709, 501
_N_LEVELS = 900  # 0.00, 0.01, … 8.99
_NOISE = 100
_VALUES_AT_ONCE = 10_000_000
_CELLS = np.array([f"{level / 100:.2f}\t" for level in range(_N_LEVELS + _NOISE)], "S5")
_INCOMPLETE = 0.2  # share of Xena's genes that are missing in some sample
_CLINICAL = {
    "bcr_patient_barcode": "_PATIENT", "cancer_type": "cancer type abbreviation",
    "age": "age_at_initial_pathologic_diagnosis", "sex": "gender", "race": "race",
    "stage": "ajcc_pathologic_tumor_stage",
}  # fmt: skip


def write_pancan(folder: Path, shrink: int = 1) -> None:
    """Group `paper-pancan`; `shrink`: so many times fewer rows and columns than there are."""
    mrna, mirna, survival, phenotype = _paths("paper-pancan", folder)
    clinical = load_clinical().iloc[: N_SAMPLES // shrink]
    samples, types = clinical.index + "-01", pd.factorize(clinical["cancer_type"])[0]
    genes = [f"?|{i}" for i in range(29)] + _symbols(N_GENES // shrink - 29)
    with _created(mrna) as out:
        n_incomplete = int(len(genes) * _INCOMPLETE)
        write_table(out, "sample", samples, genes, types, 0, n_incomplete)
    micrornas = [f"hsa-miR-{i}-5p" for i in range(N_MICRORNAS // shrink)]
    has_mirna = (clinical["cancer_type"] != "GBM").to_numpy()
    with _created(mirna) as out:
        write_table(out, "sample", samples[has_mirna], micrornas, types[has_mirna], 1)
    table = clinical.rename_axis("bcr_patient_barcode").reset_index().rename(columns=_CLINICAL)
    ends = {f"{e}_{what}": f"{e.upper()}{to}" for e in ENDPOINTS
            for what, to in (("time", ".time"), ("event", ""))}  # fmt: skip
    table = table.rename(columns=ends).assign(clinical_stage="")
    table.insert(0, "sample", samples)
    table.to_csv(survival, sep="\t", index=False)
    disease = clinical["cancer_type"].rename("_primary_disease").set_axis(samples)
    disease.to_csv(phenotype, sep="	", index_label="sample")


def write_rnalign(folder: Path, shrink: int = 1) -> None:
    """Group `paper-rnalign`: the samples are those of Celligner's annotation."""
    compendium, clinical, lines = _paths("paper-rnalign", folder)
    path = next(path for path in fetch_group("celligner") if "fullsample" in path.name)
    table = pd.read_csv(path, index_col="sampleID", low_memory=False).iloc[::shrink]
    is_line = (table["type"] == "CL").to_numpy()
    types = pd.factorize(table["lineage"])[0]
    tumours = table[~is_line]
    with _created(compendium) as out:
        genes = _symbols(N_COMPENDIUM_GENES // shrink)
        write_table(out, "Gene", tumours.index, genes, types[~is_line], 2)
    facts = {"th_sampleid": tumours.index, "disease": tumours["disease"].to_numpy()}
    pd.DataFrame(facts).to_csv(clinical, sep="\t", index=False)
    symbols = _symbols(N_DEPMAP_GENES // shrink)
    genes = [f"{symbol} (ENSG{number:011d})" for number, symbol in enumerate(symbols)]
    with _created(lines) as out:
        out.write(("," + ",".join(genes) + "\n").encode())
        profile = np.random.default_rng(3).integers(0, _N_LEVELS, (types.max() + 1, len(genes)))
        for name, levels in zip(table.index[is_line], profile[types[is_line]], strict=True):
            out.write(f"{name},".encode() + _line(_noisy(levels, 3)).replace(b"\t", b","))


def write_peaks_table(folder: Path, shrink: int = 1) -> None:
    """Group `paper-multiomics`: ATAC of patients that `write_pancan` has mRNA of."""
    matrix, places = _paths("paper-multiomics", folder)
    clinical = load_clinical().iloc[: N_SAMPLES // shrink]
    clinical = clinical.iloc[:: max(1, len(clinical) // N_DONORS)].iloc[:N_DONORS]
    n_peaks = N_PEAKS // shrink
    kinds = clinical["cancer_type"].unique()
    names = [f"{kinds[number % len(kinds)]}_{number}" for number in range(n_peaks)]
    # Peaks side by side along chromosomes 1 to 5, in an order that is not the genome's.
    place = np.random.default_rng(4).permutation(n_peaks)
    start = 10_000 + (place // 5) * 1_500
    table = pd.DataFrame({"id": names, "gene": "", "chrom": [f"chr{1 + i % 5}" for i in place]})
    table = table.assign(chromStart=start, chromEnd=start + PEAK, strand=".")
    table.to_csv(places, sep="\t", index=False)
    types = pd.factorize(clinical["cancer_type"])[0]
    with _created(matrix) as out:
        write_table(out, "sample", clinical.index + "-01A", names, types, 5)


def write_table(
    out: IO[bytes],
    corner: str,
    samples: Iterable[str],
    features: list[str],
    types: np.ndarray,
    seed: int,
    n_incomplete: int = 0,
) -> None:
    """A feature × sample table, a block at a time; empty cells in the last `n_incomplete` rows."""
    rng = np.random.default_rng(seed)
    out.write(("\t".join([corner, *samples]) + "\n").encode())
    n_rows = max(1, _VALUES_AT_ONCE // len(types))
    for start in range(0, len(features), n_rows):
        names = features[start : start + n_rows]
        profile = rng.integers(0, _N_LEVELS, (len(names), types.max() + 1), dtype=np.int16)
        levels = profile[:, types]
        levels += rng.integers(0, _NOISE, levels.shape, dtype=np.int16)
        for row, name in enumerate(names):
            line = _line(levels[row])
            if start + row >= len(features) - n_incomplete:
                line = b"\t" + line.partition(b"\t")[2]  # the first sample lacks it
            out.write(name.encode() + b"\t" + line)


def _line(levels: np.ndarray) -> bytes:
    return _CELLS[levels].tobytes()[:-1] + b"\n"


def _noisy(levels: np.ndarray, seed: int) -> np.ndarray:
    return levels + np.random.default_rng(seed).integers(0, _NOISE, len(levels))


def _symbols(n: int) -> list[str]:
    """`n` different gene symbols: those of protein-coding genes first, made-up ones last."""
    genes = load_gene_annotation().sort_values("biotype", key=lambda kind: kind != "protein_coding",
                                               kind="stable")  # fmt: skip
    symbols = list(dict.fromkeys(symbol for symbol in genes["symbol"] if symbol))[:n]
    return symbols + [f"LOC{i}" for i in range(n - len(symbols))]


def _paths(group: str, folder: Path) -> list[Path]:
    """Where a mirror at `folder` keeps the files of a group, in the registry's order."""
    paths = [folder / source.mirror_path for source in load_sources()[group]]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
    return paths


@contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as out:
        yield out
