"""The app's process computes with one thread per visitor, however it is first opened; a notebook keeps its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.harness import ADDRESSES, ROOT, Server, serve
from tests.client import tab

# Runs in the server's process before anything else, and tells what its thread pools are when it is asked.
ASKED = """
import json, re, signal, sys

def answer(*_):
    from threadpoolctl import threadpool_info
    pools = {pool["prefix"]: pool["num_threads"] for pool in threadpool_info()}
    if torch := sys.modules.get("torch"):  # its MKL is part of it, where threadpoolctl does not look
        pools["torch"] = torch.get_num_threads()
        inside = re.findall(r"(\\w+_get_max_threads)\\(\\) : (\\d+)", torch.__config__.parallel_info())
        pools |= {name: int(threads) for name, threads in inside}
    print("pools:", json.dumps(pools), flush=True)

signal.signal(signal.SIGUSR1, answer)
"""
LIBRARY = """
import json, os, torch
from threadpoolctl import threadpool_info
before = torch.get_num_threads(), threadpool_info(), dict(os.environ)
import rnnviz, rnnviz.training, rnnviz.zoo, rnnviz.charts.kit.export
for name in dir(rnnviz):
    getattr(rnnviz, name)
print(before == (torch.get_num_threads(), threadpool_info(), dict(os.environ)))
"""


@pytest.fixture(autouse=True)
def no_limit_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith("_NUM_THREADS"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(ASKED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def pools_after(address: str) -> dict[str, int]:
    """Threads of each pool, by name, in a fresh process whose first visitor has opened this address."""

    async def visit(server: Server) -> list[str]:
        async with tab(f"127.0.0.1:{server.port}", address) as seen:
            return seen.errors

    with serve() as server:
        assert asyncio.run(visit(server)) == [], server.log()
        server.process.send_signal(signal.SIGUSR1)
        until = time.monotonic() + 30
        while not (found := re.search("pools: (.*)", server.log())):
            assert time.monotonic() < until, server.log()
            time.sleep(0.02)
        return dict(json.loads(found[1]))


@pytest.mark.skipif(os.cpu_count() == 1, reason="every pool has one thread there")
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_pool_has_one_thread_whatever_is_opened_first(address: str) -> None:
    found = pools_after(address)
    assert {"libscipy_openblas", "libopenblas"} & found.keys(), "NumPy's"
    assert address in ("/", "/glossary") or "torch" in found
    assert {name: threads for name, threads in found.items() if threads != 1} == {}


def test_what_the_host_asks_for_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert pools_after("/gradient-lab")["torch"] == 2


def test_the_library_leaves_the_readers_threads_alone() -> None:
    run = subprocess.run([sys.executable, "-c", LIBRARY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["True"], run.stderr
