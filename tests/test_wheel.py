"""The project as a package: built into a wheel, installed elsewhere, used from an empty folder."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from helpers import files
from helpers.cohorts.sources import cache_folder
from helpers.sweeps.file import read_sweep

ROOT = Path(__file__).resolve().parents[1]


def backend_is_here():
    try:
        import setuptools
    except ImportError:
        return False
    return int(setuptools.__version__.split(".")[0]) >= 77


def call(*command, **options):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the files that git knows or would add, built in a folder of their own."""
    if not backend_is_here():
        pytest.skip("building a wheel needs setuptools 77 or later, which is not installed")
    listed = ["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"]
    done = subprocess.run([*map(str, listed)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git repository")
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in filter(None, done.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    how = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", out]
    call(sys.executable, "-m", "pip", "wheel", *how, source)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """An environment with the wheel installed, and this one's other packages."""
    folder = tmp_path_factory.mktemp("environment")
    call(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    packages = Path(call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"))
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (Path(str(packages).strip()) / "ours.pth").write_text("\n".join(ours) + "\n")
    how = ["--quiet", "--ignore-installed", "--no-deps", "--no-index"]
    call(sys.executable, "-m", "pip", "--python", python, "install", *how, wheel)
    return folder


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder to work in, but for a `helpers` that is not ours."""
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("raise SystemExit('another helpers')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return tmp_path


@pytest.mark.kernel
def test_the_wheel_carries_what_the_commands_read_and_no_solutions(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    carried = {name.removeprefix("helpers/carried/") for name in names if "carried/" in name}
    expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / "notebooks").glob("*.ipynb")}
    sweeps = (ROOT / "notebooks" / "sweeps").glob("*.yaml")
    expected |= {path.relative_to(ROOT).as_posix() for path in sweeps}
    assert expected | {"data/sources.toml", "built_from.json"} <= carried
    assert [name for name in names if "course/0" in name or name.startswith("tests/")] == []
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "helpers").rglob("*.py")}
    assert modules <= names


@pytest.mark.kernel
def test_the_command_runs_a_notebook_from_an_empty_folder(environment, elsewhere):
    command = environment / "bin" / "cancer-latents"
    folder = Path(call(command, "run", "01_pancan_vae", "-p", "quick", "true").strip())
    assert folder.parent == elsewhere / "results" / "01_pancan_vae"
    run = files.read_json(folder / "run.json")
    assert run["status"] == "finished" and run["helpers_path"] == "helpers/__init__.py"
    assert files.read_json(folder / "metrics.json")


@pytest.mark.kernel
def test_the_other_commands_find_what_the_wheel_carries(environment, elsewhere):
    command = environment / "bin" / "cancer-latents"
    assert "cancer-latents run 01_pancan_vae" in call(command, "--help")
    assert "n_latent" in call(command, "params", "01_pancan_vae")
    for name in ("pancan_latent", "notebooks/sweeps/pancan_latent.yaml"):
        assert "to do" in call(command, "sweep", name, "--quick", "--dry-run")
    copied = call(command, "notebooks").split()
    assert copied and all((elsewhere / name).is_file() for name in copied)
    done = subprocess.run([command, "book"], capture_output=True, text=True)
    assert done.returncode == 2 and "made from a checkout" in done.stderr


# Where things are, without a wheel


def test_a_checkout_is_all_in_one_folder():
    assert not files.is_installed()
    assert files.content_root() == files.working_root() == files.project_root() == ROOT


def test_installed_code_reads_what_it_carries_and_writes_where_it_is_called(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "CARRIED", tmp_path / "carried")
    (tmp_path / "carried").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HELPERS_DATA_CACHE", raising=False)
    assert files.is_installed() and files.content_root() == tmp_path / "carried"
    assert files.results_folder() == tmp_path / "results"
    assert not cache_folder().is_relative_to(ROOT) and cache_folder().name == "cancer-latents"


def test_a_sweep_of_the_project_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_sweep("pancan_latent")[0] == read_sweep("pancan_latent.yaml")[0]
    (tmp_path / "pancan_latent.yaml").write_text("notebook: 03_vqvae_subtyping\nseeds: [0]\n")
    with pytest.raises(ValueError, match="pancan_latent"):
        read_sweep("pancan_latent.yaml")  # the caller's own comes first, and lacks a grid
    with pytest.raises(ValueError, match="no_such"):
        read_sweep("no_such.yaml")


def test_the_command_has_the_name_that_the_documentation_uses():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"cancer-latents": "helpers.cli:main"}
