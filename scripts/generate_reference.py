#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the reference of dialects and passes from their TableGen files:
docs/dialects and docs/passes.md. With --check it writes nothing, and fails
where a file is not what it would write."""

import argparse
import difflib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LLVM = pathlib.Path("/usr/lib/llvm-22")
NOTE = "<!-- Written by scripts/generate_reference.py; edit the .td files. -->\n"


def generated(options, generator, source):
    """What mlir-tblgen writes, without its own header and table of contents."""
    run = subprocess.run(
        [options.tblgen, *generator, "-I", ROOT, "-I", options.include, ROOT / source],
        stdout=subprocess.PIPE, encoding="utf-8")
    if run.returncode != 0:
        sys.exit(f"{source}: mlir-tblgen failed")
    lines = [line.rstrip() for line in run.stdout.split("\n")[1:] if line != "[TOC]"]
    text = "\n".join(lines)
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip() + "\n"


def reference(options):
    """The text of each file, by its path in the repository."""
    files = {}
    for name, title in (("TGNN", "tgnn"), ("ETO", "eto")):
        generator = ["-gen-dialect-doc", f"-dialect={title}"]
        files[f"docs/dialects/{name}.md"] = NOTE + generated(
            options, generator, f"dialects/{name}/IR/{name}Ops.td")
    passes = [NOTE + "\n# Passes\n"]
    for source in sorted(ROOT.glob("passes/*/Passes.td")):
        passes.append(f"## {source.parent.name}\n")
        passes.append(generated(options, ["-gen-pass-doc"], source.relative_to(ROOT)))
    files["docs/passes.md"] = "\n".join(passes)
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--tblgen", default=LLVM / "bin/mlir-tblgen", help="mlir-tblgen")
    parser.add_argument("--include", default=LLVM / "include", help="MLIR's own .td files")
    options = parser.parse_args()
    stale = False
    for name, text in reference(options).items():
        path = ROOT / name
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            continue
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        difference = list(difflib.unified_diff(
            present.splitlines(), text.splitlines(), name, "the .td files say", lineterm=""))
        if difference:
            stale = True
            print("\n".join(difference))
    if stale:
        sys.exit("the reference is out of date: run scripts/generate_reference.py")


if __name__ == "__main__":
    main()
