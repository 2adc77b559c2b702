"""Slides of all cancers, found from the list that their publisher's repository keeps of itself.

The registry has one file for 10,678 slides: the tree of one commit, as GitHub lists it. Each entry
of a tree names the tree below it, down to the folder of slides, whose entries have the name, the
size and the blob's sha1 of each. So nothing but names is downloaded of slides that are not wanted,
and each file is held to what the commit says of it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.coembedding.histology.slides import read_regions
from helpers.cohorts.sources import (
    CorruptDownload,
    Source,
    fetch,
    fetch_files,
    fetch_group,
    load_sources,
)
from helpers.cohorts.tcga.barcodes import describe_barcodes

N_TYPES = 12
"""Cancers that are downloaded: those with most patients who have slides and microRNA."""
_LIST, _KNOWN = "tcga-hipt", "tcga-brca-hipt"
_SUFFIX = ".pt"


@dataclass(frozen=True)
class ListedSlide:
    """One slide: its file, and the sha1 that git gives it."""

    source: Source
    blob: str

    @property
    def name(self) -> str:
        """The slide, as its file is called."""
        return Path(self.source.path).stem


def load_listed_slides(obs: pd.DataFrame, n_types: int = N_TYPES) -> dict[str, np.ndarray]:
    """Region embeddings (float32, region × 192) by slide name, of the cancers with most slides.

    `obs`: patient, cancer_type and sample_type of the samples with expression; only their patients'
    slides of primary tumours are downloaded, some 150 MB for twelve cancers.

    Raises:
        DataUnavailable: the list or a file cannot be had.
        CorruptDownload: a file is not the one of the commit.
    """
    wanted = choose_slides(list_slides(), obs, n_types)
    paths = fetch_files([slide.source for slide in wanted], _LIST, progress=True)
    for slide, path in zip(wanted, paths, strict=True):
        _check_blob(path, slide)
    return {slide.name: read_regions(path) for slide, path in zip(wanted, paths, strict=True)}


def list_slides() -> list[ListedSlide]:
    """Every slide that the publisher has, in the order of names.

    Raises:
        DataUnavailable: the list cannot be had.
        ValueError: it lists no such folder.
    """
    (path,) = fetch_group(_LIST)
    root, known = load_sources()[_LIST][0], load_sources()[_KNOWN][0]
    folder = known.path.split("/")[:-1]
    for part in folder:
        entry = next((e for e in _entries(path) if e["path"] == part), None)
        if entry is None:
            raise ValueError(
                f"{root.url} must list the folder {'/'.join(folder)}; {part} is not in it. Set the "
                f"commit of {_LIST} in data/sources.toml to that of {_KNOWN}"
            )
        place = entry["url"].removeprefix("https://")
        path = fetch(replace(root, path=part, url=entry["url"], mirror_path=place))
    files = [entry for entry in _entries(path) if entry["path"].endswith(_SUFFIX)]
    return [_listed(entry, known) for entry in files]


def choose_slides(
    slides: Sequence[ListedSlide], obs: pd.DataFrame, n_types: int
) -> list[ListedSlide]:
    """Slides of primary tumours whose patients have expression, of the `n_types` cancers with most.

    `obs`: as for `load_listed_slides`.
    """
    primary = obs[obs["sample_type"] == "primary"].drop_duplicates("patient")
    facts = describe_barcodes(pd.Index([slide.name[:23] for slide in slides])).reset_index()
    types = facts["patient"].map(primary.set_index("patient")["cancer_type"].astype(str))
    types = types.where(facts["sample_type"] == "primary")
    n = facts.groupby(types)["patient"].nunique().sort_index()
    largest = n.sort_values(ascending=False, kind="stable").index[:n_types]
    return [slide for slide, kind in zip(slides, types, strict=True) if kind in largest]


def _entries(path: Path) -> list[dict]:
    listed = json.loads(path.read_text(encoding="utf-8"))
    if listed.get("truncated"):
        raise ValueError(
            f"{path} must list all files of its folder; GitHub cut it short. Delete it and fetch "
            "it again, or copy the folder itself into a mirror"
        )
    return listed["tree"]


def _listed(entry: dict, known: Source) -> ListedSlide:
    """A slide beside one whose address is known: the same folder of the same commit."""
    old, new = known.path.rpartition("/")[2], entry["path"]
    places = {
        name: getattr(known, name).removesuffix(old) + new
        for name in ("path", "url", "mirror_path")
    }
    size = int(entry["size"])
    return ListedSlide(replace(known, group=_LIST, bytes=size, sha256=None, **places), entry["sha"])


def _check_blob(path: Path, slide: ListedSlide) -> None:
    content = path.read_bytes()
    found = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    if found != slide.blob:
        path.unlink()
        raise CorruptDownload(
            f"{slide.source.mirror_path} must be git's blob {slide.blob}; got {found}. It was "
            "deleted: fetch it again"
        )
