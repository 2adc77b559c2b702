"""What a finished run left behind, read for the book."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from helpers.book.contents import Entry
from helpers.files import read_json
from helpers.runs.number_format import counted, readable_bytes, readable_commit


@dataclass(frozen=True)
class FinishedRun:
    """A run folder (`results/<notebook>/<run id>/`) and the page of the book that shows it."""

    folder: Path
    entry: Entry

    @cached_property
    def run(self) -> dict:
        """`run.json`: parameters, device, versions, commit, duration, peak memory."""
        return read_json(self.folder / "run.json")

    @cached_property
    def cohort(self) -> dict:
        """`cohort.json`: name, samples, features, unit and caveats; {} if none was recorded."""
        path = self.folder / "cohort.json"
        return read_json(path) if path.exists() else {}

    @cached_property
    def metrics(self) -> dict[str, float]:
        """`metrics.json`: `<section>.<metric>[.<variant>]` → number; {} if none was recorded."""
        path = self.folder / "metrics.json"
        return read_json(path) if path.exists() else {}

    @property
    def notebook(self) -> Path:
        """The executed notebook."""
        return self.folder / "notebook.ipynb"

    @property
    def cohort_name(self) -> str:
        """Name of the cohort, as recorded by the notebook or else as asked for."""
        return self.cohort.get("name") or str(self.run.get("cohort", "not recorded"))

    @property
    def size(self) -> str:
        """For example "5,311 samples × 680 microRNAs"."""
        if not self.cohort:
            return "size not recorded"
        feature = self.cohort.get("feature") or "feature"
        samples, features = self.cohort["n_samples"], self.cohort["n_features"]
        return f"{samples:,} samples × {features:,} {feature}s"

    @property
    def device(self) -> str:
        """For example "CPU (Xeon, 8 cores, 16 GB memory)" or "CUDA (H200)"."""
        hardware = self.run.get("hardware", {})
        device = str(self.run.get("device", "not recorded"))
        if device.startswith("cuda") and hardware.get("gpu"):
            return f"{device.upper()} ({hardware['gpu']})"
        parts = [hardware.get("cpu")]
        if cores := hardware.get("cores"):
            parts.append(counted(cores, "core"))
        if memory := hardware.get("memory_gb"):
            parts.append(f"{memory:.0f} GB memory")
        machine = ", ".join(part for part in parts if part)
        device = device.upper() if device in ("cpu", "mps") else device
        return f"{device} ({machine})" if machine else device

    @property
    def peak_memory(self) -> str:
        """Largest resident memory of the process that ran the notebook, for example "851 MB"."""
        mebibytes = self.run.get("peak_memory_mb")
        return readable_bytes(None if mebibytes is None else mebibytes * 2**20)

    @property
    def commit(self) -> str:
        """First ten digits of the git commit; says when files differed from it."""
        return readable_commit(self.run)
