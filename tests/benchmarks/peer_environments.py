"""The environments of the peers: each published package in one of its own, made once and kept."""

import subprocess
import sys
import venv
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "peers"
PEERS = {  # package → version that was compared
    "pythae": "0.1.2",
    "scvi-tools": "1.4.2",
    "vector-quantize-pytorch": "1.32.0",
    "scib-metrics": "0.5.10",
}
NEEDS_TORCH = {"pythae", "scvi-tools", "vector-quantize-pytorch"}


def peer_python(name: str) -> Path:
    """Python of the environment with `name` in it, made where it is missing.

    All have the torch that this project runs on, so that what is compared is the packages.

    Raises:
        RuntimeError: pip could not make it; says which package and the last lines of its output.
    """
    folder = FOLDER / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done = folder / f".ready-{PEERS[name]}"
    if done.exists():
        return python
    print(f"making an environment for {name} {PEERS[name]} ...", file=sys.stderr, flush=True)
    venv.create(folder, with_pip=True)
    asked = [f"{name}=={PEERS[name]}"]
    if name in NEEDS_TORCH:
        asked.append(f"torch=={torch.__version__.partition('+')[0]}")
    command = [str(python), "-m", "pip", "install", "--quiet", *asked]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode:
        said = "\n".join((outcome.stdout + outcome.stderr).strip().splitlines()[-5:])
        raise RuntimeError(f"pip cannot install {' '.join(asked)}: {said}")
    done.touch()
    return python
