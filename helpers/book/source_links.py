"""Links from a page of the book to its source: edit it, report a problem, run it elsewhere.

They need the address of the repository on a forge. `_config.yml` may give it (`repository: url:`,
`branch:`, Jupyter Book's own fields); otherwise a workflow's environment does, or the address that
git fetches from. A copy without any has no such links.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

_SSH = re.compile(r"^(?:ssh://)?[\w.-]+@(?P<host>[\w.-]+?)(?::\d+)?[:/](?P<path>[^:].*)$")
_BINDER = {"github.com": "gh", "gitlab.com": "gl"}


@dataclass(frozen=True)
class Repository:
    """A repository on a forge: its address for browsers, and the branch that readers change."""

    url: str
    branch: str = "main"

    def edit(self, path: str) -> str:
        """Address where the file is edited."""
        return f"{self.url}/{self._room}edit/{quote(self.branch)}/{quote(path)}"

    def problem(self, page: str) -> str:
        """Address of a new issue that names the page."""
        field = "issue[title]" if self._room else "title"
        return f"{self.url}/{self._room}issues/new?{quote(field)}={quote(f'Page {page}: ')}"

    def colab(self, path: str) -> str | None:
        """Address that opens a notebook in Google Colab, which reads GitHub alone."""
        if self._host != "github.com":
            return None
        place = f"github{urlsplit(self.url).path}/blob/{quote(self.branch)}/{quote(path)}"
        return f"https://colab.research.google.com/{place}"

    def binder(self, path: str) -> str | None:
        """Address that opens a notebook on mybinder.org."""
        forge, project = _BINDER.get(self._host), urlsplit(self.url).path.strip("/")
        if forge is None:
            return None
        project = quote(project, safe="/" if forge == "gh" else "")
        branch = quote(self.branch, safe="")
        return f"https://mybinder.org/v2/{forge}/{project}/{branch}?labpath={quote(path, safe='')}"

    @property
    def _host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def _room(self) -> str:
        return "-/" if "gitlab" in self._host else ""


def find_repository(
    root: Path, config: Mapping, environment: Mapping[str, str]
) -> Repository | None:
    """The repository of the project in `root`; None where its address is not a forge's.

    `config`: the content of `_config.yml`; `environment`: variables, of which GitHub's workflows
    set `GITHUB_SERVER_URL`, `GITHUB_REPOSITORY` and `GITHUB_REF_NAME`.
    """
    stated = config.get("repository") or {}
    address, branch = stated.get("url"), stated.get("branch")
    if not address and environment.get("GITHUB_REPOSITORY"):
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        address = f"{server}/{environment['GITHUB_REPOSITORY']}"
        branch = branch or environment.get("GITHUB_REF_NAME")
    url = browser_address(address or _fetched_from(root))
    return Repository(url, branch or "main") if url else None


def browser_address(address: str) -> str:
    """The https address of a git address; "" for a folder, a local server or nothing.

    A name and password in the address are left out.
    """
    ssh = _SSH.match(address)
    if ssh:
        address = f"https://{ssh['host']}/{ssh['path']}"
    parts = urlsplit(address)
    host = parts.hostname or ""
    path = parts.path.rstrip("/").removesuffix(".git")
    if parts.scheme not in ("http", "https") or "." not in host or path.count("/") < 2:
        return ""
    return f"https://{host}{path}"


def source_of(document: str, root: Path, notebooks: Mapping[str, str]) -> str | None:
    """Path in the repository of what a page is made from; None for a page made from results.

    `notebooks`: document → its notebook's name, for the pages of chapters.
    """
    if document in notebooks:
        return f"notebooks/{notebooks[document]}.ipynb"
    path = f"{document}.md"
    return path if (root / path).exists() else None


def links(repository: Repository, path: str, page: str) -> str:
    """Markdown for the end of a page made from `path`."""
    named = {"Edit this page": repository.edit(path), "Report a problem": repository.problem(page)}
    if path.endswith(".ipynb"):
        named |= {
            "Open in Colab": repository.colab(path),
            "Open on Binder": repository.binder(path),
        }
    shown = [f"[{text}]({address})" for text, address in named.items() if address]
    return f":::{{container}} source-links\n{' · '.join(shown)}\n:::"


def _fetched_from(root: Path) -> str:
    """The address of git's remote `origin`; "" where `root` is no repository or has none."""
    if not (root / ".git").exists():  # else a repository around it would be asked
        return ""
    command = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
