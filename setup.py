"""What a wheel carries beside helpers/: notebooks, sweeps, published tables, the list of sources.

They lie in helpers/carried/ of the installed package (`helpers.files.content_root`), with the
commit that the wheel was built from. An editable installation reads the checkout and carries
nothing. Everything else about the package stands in pyproject.toml. Course notebooks stay here:
their solutions are not for whom the wheel is given to.
"""

import json
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
CARRIED = (
    "notebooks/*.ipynb",
    "notebooks/sweeps/*.ipynb",
    "notebooks/sweeps/*.yaml",
    "data/sources.toml",
    "book/published/**/*.csv",
    "book/published/**/*.json",
)


def carried_files() -> list[Path]:
    """Files that travel, by their path in the checkout."""
    found = [path for pattern in CARRIED for path in sorted(ROOT.glob(pattern))]
    return [path.relative_to(ROOT) for path in found]


def git(*arguments: str) -> str | None:
    """Output of a git command in the checkout; None where git or the repository is missing."""
    try:
        command = ["git", "-C", str(ROOT), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


class BuildWithNotebooks(build_py):
    """The usual build, and the carried files beside the code."""

    def run(self) -> None:
        """Copy modules, then what travels with them."""
        super().run()
        if self.editable_mode:
            return
        for path in carried_files():
            target = self._carried(path)
            self.mkpath(str(target.parent))
            self.copy_file(str(ROOT / path), str(target), preserve_mode=False)
        changes = git("status", "--porcelain")
        state = {
            "git_commit": git("rev-parse", "HEAD"),
            "git_dirty": None if changes is None else bool(changes),
        }
        self._carried("built_from.json").write_text(json.dumps(state), encoding="utf-8")

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Files that `run` makes, the carried ones among them."""
        names = [] if self.editable_mode else [*carried_files(), "built_from.json"]
        return super().get_outputs(include_bytecode) + [str(self._carried(name)) for name in names]

    def get_source_files(self) -> list[str]:
        """Files that a source distribution needs."""
        return super().get_source_files() + [str(path) for path in carried_files()]

    def _carried(self, path: Path | str) -> Path:
        return Path(self.build_lib) / "helpers" / "carried" / path


setup(cmdclass={"build_py": BuildWithNotebooks})
