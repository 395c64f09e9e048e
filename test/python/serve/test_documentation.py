"""The examples of docs/serving.md, which are run."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Any

import pytest

import orcinus
from orcinus import options
from orcinus.serve import command
from .serving import Server, Trained

PAGE = (pathlib.Path(__file__).resolve().parents[3]
        / "docs/serving.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def same(found: Any, expected: Any) -> bool:
    """Numbers of other machines differ in their last digits."""
    if isinstance(expected, float):
        return found == pytest.approx(expected, rel=1e-2, abs=1e-2)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(expected, dict):
        return list(found) == list(expected) and all(
            same(found[key], expected[key]) for key in expected)
    return found == expected


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_examples_answer_what_the_page_says(tmp_path: pathlib.Path) -> None:
    script, = blocks("python")
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    server = Server(Trained(tmp_path / "run", tmp_path / "events.csv",
                            orcinus.Stream.read(tmp_path / "events.csv")),
                    state=tmp_path / "state")
    try:
        examples = [block for block in blocks("console") if "curl" in block]
        assert len(examples) == 5
        for example in examples:
            asked, answer = example.strip().split("\n")
            done = subprocess.run(
                asked.removeprefix("$ ").replace("http://127.0.0.1:8000",
                                                 server.url),
                shell=True, capture_output=True, text=True, check=True)
            if "head -c" in asked:
                assert done.stdout[:20] == answer[:20]
            else:
                assert same(json.loads(done.stdout), json.loads(answer)), \
                    done.stdout
    finally:
        server.kill()


def test_the_page_names_all_options() -> None:
    of_data = {"--" + each.name.replace("_", "-")
               for each in options.describe("load")}
    for action in command._parser()._actions:
        for name in action.option_strings:
            if name not in of_data | {"-h", "--help", "--cache-dir",
                                      "--access-log"}:
                assert f"`{name}" in PAGE or f", `{name}" in PAGE, name
    promised = PAGE[:PAGE.index("## Figures")]
    for name in re.findall(r"`(--[a-z-]+)", promised):
        assert name in command._parser().format_help() or name == "--follow"
