"""The reference that pdoc makes of the docstrings has every public name, as its docstring is, and fetches nothing."""

from __future__ import annotations

import html
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rnnviz

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_every_public_name_has_its_docstring_there(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "scripts.reference", tmp_path], cwd=ROOT, check=True, capture_output=True)
    page = (tmp_path / "rnnviz.html").read_text("utf-8")
    text = html.unescape(re.sub("<[^>]*>", "", page))
    for name in dir(rnnviz):
        thing = getattr(rnnviz, name)
        if inspect.ismodule(thing):
            assert (tmp_path / "rnnviz" / f"{name}.html").exists()
            continue
        assert f'id="{name}"' in page
        if inspect.isfunction(thing):
            assert (inspect.getdoc(thing) or "") in text
    for file in tmp_path.rglob("*.html"):
        assert not re.search(r"<(script|link|img)[^>]*(src|href)=\"(https?:)?//", file.read_text("utf-8"))
