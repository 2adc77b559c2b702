"""Slides of all cancers, found from the list that the publisher's repository keeps of itself."""

import hashlib
import io
import json

import anndata
import numpy as np
import pandas as pd
import pytest
import torch

from helpers.coembedding.argument_groups import SlideNetwork, Steps
from helpers.coembedding.cohorts import COHORTS
from helpers.coembedding.histology import slide_listing
from helpers.coembedding.histology.slide_folds import predict_slide_folds
from helpers.coembedding.histology.slide_listing import (
    choose_slides,
    list_slides,
    load_listed_slides,
)
from helpers.coembedding.histology.slides import build_histology_cohort
from helpers.cohorts.sources import CorruptDownload, DataUnavailable, fetch_group, load_sources
from tests.coembedding.histology.test_slides import CLINICAL

KNOWN = load_sources()["tcga-brca-hipt"][0]
ROOT = load_sources()["tcga-hipt"][0]
FOLDER = KNOWN.path.rpartition("/")[0]
API = ROOT.url.rpartition("/")[0]
TYPES = {"A1": "BRCA", "05": "LUAD", "AA": "COAD"}  # of the patients of a site


def blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def embedded(seed, n_regions):
    out, rng = io.BytesIO(), np.random.default_rng(seed)
    torch.save(torch.from_numpy(rng.normal(size=(n_regions, 192)).astype(np.float32)), out)
    return out.getvalue()


def write_mirror(mirror, files):
    """The repository as GitHub lists it, a tree below the other, and the files of the folder."""

    def tree(name, entries):
        path = mirror / API.removeprefix("https://") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"tree": entries, "truncated": False}))

    parts = FOLDER.split("/")
    names = [ROOT.path, *(f"tree{number}" for number in range(len(parts)))]
    for here, part, below in zip(names, parts, names[1:], strict=False):
        other = {"path": "README.md", "type": "blob", "size": 3, "sha": "0", "url": f"{API}/x"}
        tree(here, [other, {"path": part, "type": "tree", "sha": below, "url": f"{API}/{below}"}])
    listed = [{"path": n, "size": len(c), "sha": blob(c), "type": "blob"} for n, c in files.items()]
    tree(names[-1], listed)
    place = mirror / KNOWN.mirror_path.rpartition("/")[0]
    place.mkdir(parents=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    return place


def slide_name(site, patient, sample="01Z"):
    return f"TCGA-{site}-{patient:04d}-{sample}-00-DX1.F6.pt"


def expression(n_patients):
    names = [f"TCGA-{site}-{i:04d}" for site in TYPES for i in range(n_patients)]
    obs = pd.DataFrame({"patient": names, "sample_type": "primary"}, index=names)
    obs["cancer_type"] = [TYPES[name[5:7]] for name in names]
    return obs


@pytest.fixture
def mirror(tmp_path, monkeypatch, empty_cache):
    """12 slides of breast, 10 of lung, 3 of colon, one metastasis, one patient nobody measured."""
    names = [slide_name("A1", i) for i in range(12)] + [slide_name("05", i) for i in range(10)]
    names += [slide_name("AA", i) for i in range(3)] + [slide_name("A1", 20, "06Z")]
    names += [slide_name("ZZ", 0)]
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(tmp_path / "mirror"))
    files = {name: embedded(seed, 3 + seed % 4) for seed, name in enumerate(names)}
    return write_mirror(tmp_path / "mirror", files | {"notes.txt": b"no slide"})


def test_the_list_gives_every_slide_its_address_size_and_sum(mirror):
    slides = list_slides()
    assert len(slides) == 27
    first = slides[0]
    content = (mirror / slide_name("A1", 0)).read_bytes()
    assert first.name == slide_name("A1", 0).removesuffix(".pt")
    assert first.source.bytes == len(content) and first.blob == blob(content)
    folder = KNOWN.url.rpartition("/")[0]
    assert first.source.url == f"{folder}/{slide_name('A1', 0)}"


def test_the_cancers_with_most_patients_of_primary_tumours_are_chosen(mirror):
    chosen = choose_slides(list_slides(), expression(25), 2)
    assert len(chosen) == 22 and {slide.name[5:7] for slide in chosen} == {"A1", "05"}
    assert len(choose_slides(list_slides(), expression(25), 12)) == 25


def test_only_chosen_slides_are_fetched_and_damaged_ones_refused(mirror, empty_cache):
    loaded = load_listed_slides(expression(25), 1)
    assert len(loaded) == 12
    name = slide_name("A1", 3).removesuffix(".pt")
    np.testing.assert_array_equal(loaded[name], torch.load(mirror / f"{name}.pt").numpy())
    fetched = [path.name for path in empty_cache.rglob("*.pt")]
    assert sorted(fetched) == sorted(f"{name}.pt" for name in loaded)
    old = mirror / slide_name("05", 0)
    content = old.read_bytes()
    old.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))  # of the same size
    with pytest.raises(CorruptDownload, match=f"must be git's blob {blob(content)}"):
        load_listed_slides(expression(25), 2)


def test_slides_of_several_cancers_make_a_cohort_that_the_chapter_can_use(mirror):
    obs = expression(25)
    mirna = anndata.AnnData(
        np.random.default_rng(0).normal(5, 2, (len(obs), 6)).astype(np.float32), obs
    )
    mirna.var_names = [f"hsa-mir-{i}" for i in range(6)]
    slides = load_listed_slides(obs, 2)
    cohort = build_histology_cohort(slides, mirna, None, CLINICAL)
    assert cohort.uns["name"] == "tcga-histology" and cohort.uns["feature"] == "microRNA"
    assert cohort.obs["cancer_type"].value_counts().to_dict() == {"BRCA": 12, "LUAD": 10}
    patient = cohort.obs["patient"].iloc[-1]
    np.testing.assert_array_equal(cohort.X[-1], mirna[patient].X.ravel())
    cohort.obs["site"] = np.arange(22) % 6
    found = predict_slide_folds(
        cohort,
        1,
        0,
        network=SlideNetwork(8, 4, 0.0, 8, 1),
        steps=Steps(4, 8, 1e-3, device="cpu"),
        all_features=True,
    )
    (held,) = found.of_patients
    assert set(held.obs["cancer_type"]) == {"BRCA", "LUAD"}


@pytest.mark.parametrize(
    ("is_cut", "message"),
    [(False, "3-Self-Supervised-Eval is not in it"), (True, "GitHub cut it short")],
)
def test_a_list_without_the_folder_is_refused(mirror, tmp_path, is_cut, message):
    path = tmp_path / "mirror" / ROOT.mirror_path
    path.write_text(json.dumps({"tree": [], "truncated": is_cut}))
    with pytest.raises(ValueError, match=message):
        list_slides()


def test_without_a_network_it_is_refused_in_one_line(monkeypatch, empty_cache, tmp_path):
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(tmp_path))
    spec = next(spec for spec in COHORTS if spec.name == "tcga-histology")
    with pytest.raises(DataUnavailable) as refused:
        spec.load()
    said = str(refused.value)
    assert said.startswith(f"{ROOT.mirror_path} is not in the cache") and "\n" not in said


@pytest.mark.real
def test_the_mirrors_breast_slides_are_read_through_a_list(real_data, tmp_path, monkeypatch):
    paths = fetch_group("tcga-brca-hipt")[:12]
    before = {path.stem: slide_listing.read_regions(path) for path in paths}
    write_mirror(tmp_path / "mirror", {path.name: path.read_bytes() for path in paths})
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path / "cache"))
    patients = sorted({path.name[:12] for path in paths})
    obs = pd.DataFrame({"patient": patients, "sample_type": "primary", "cancer_type": "BRCA"})
    loaded = load_listed_slides(obs)
    assert loaded and all(np.array_equal(loaded[name], before[name]) for name in loaded)
