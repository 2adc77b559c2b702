"""Small cohorts and a server that serves a folder, well or badly."""

import http.server
import threading
import time
from functools import partial
from typing import ClassVar

import anndata
import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def make_cohort():
    """A function that makes a cohort from a list of (patient, cancer_type, sample_type)."""

    def make(rows, n_features=5, seed=0, **columns):
        obs = pd.DataFrame(rows, columns=["patient", "cancer_type", "sample_type"])
        obs.index = [f"sample-{i:03d}" for i in range(len(obs))]
        for name, values in columns.items():
            obs[name] = values
        x = np.random.default_rng(seed).gamma(4.0, 1.0, (len(obs), n_features))
        var = pd.DataFrame(index=[f"GENE{i}" for i in range(n_features)])
        cohort = anndata.AnnData(x.astype(np.float32), obs, var)
        cohort.uns = {"name": "small", "unit": "log2(CPM+1)", "feature": "gene"}
        cohort.uns |= {"default_types": [], "notes": []}
        return cohort

    return make


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; `fault` "half" drops the line midway, "slow" drips, "error" answers 500."""

    fault = ""
    requests: ClassVar[list[str]] = []

    def log_message(self, *_):
        pass

    def copyfile(self, source, outputfile):
        content = source.read()
        if self.fault == "half":
            outputfile.write(content[: len(content) // 2])
            self.close_connection = True
            return
        if self.fault == "slow":
            outputfile.write(content[: len(content) // 2])
            outputfile.flush()
            time.sleep(20)
            content = content[len(content) // 2 :]
        outputfile.write(content)

    def do_GET(self):
        type(self).requests.append(self.path)
        if self.fault == "error":
            self.send_error(500)
        else:
            super().do_GET()


@pytest.fixture
def server(tmp_path):
    """(folder, base address, handler class): what lies in the folder is served on loopback."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = type("Handler", (_Handler,), {"fault": "", "requests": []})
    httpd = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(handler, directory=str(folder))
    )
    httpd.daemon_threads = True
    httpd.block_on_close = False
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{httpd.server_port}", handler
    httpd.shutdown()
    httpd.server_close()
