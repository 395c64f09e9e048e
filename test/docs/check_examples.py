#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the `orcinus-opt` examples of Markdown files and checks what they print.

An example is a ```console block: `$ command` (continued by a backslash at the
end of a line), then lines that the command prints, in order and next to each
other. An ellipsis alone on a line stands for any lines, one within a line for
any characters. FileCheck compares them. Other commands are left alone."""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ELLIPSIS = "…"


def examples(text):
    """(line number, command, expected lines) of each command of the blocks."""
    for block in re.finditer(r"^```console\n(.*?)^```$", text, re.M | re.S):
        line = text.count("\n", 0, block.start(1)) + 1
        lines = block.group(1).split("\n")[:-1]
        at = 0
        while at < len(lines):
            begin = at
            command = lines[at]
            if not command.startswith("$ "):
                sys.exit(f"line {line + at}: expected '$ command'")
            while command.endswith("\\"):
                at += 1
                command = command[:-1] + lines[at]
            at += 1
            expected = []
            while at < len(lines) and not lines[at].startswith("$ "):
                expected.append(lines[at])
                at += 1
            yield line + begin, command[2:], expected


def directives(expected):
    """FileCheck's directives for the lines of an example."""
    result, directive = [], "CHECK"
    for line in expected:
        if line.strip() in ("", ELLIPSIS):
            directive = "CHECK"
            continue
        pattern = re.sub(r"\[\[|\{\{", lambda pair: "{{\\" + "\\".join(pair.group()) + "}}",
                         line.strip())
        result.append(f"{directive}: " + pattern.replace(ELLIPSIS, "{{.*}}"))
        directive = "CHECK-NEXT"
    return "\n".join(result) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opt", required=True, help="the orcinus-opt to run, with its options")
    parser.add_argument("--filecheck", required=True)
    parser.add_argument("--root", required=True, help="where the commands run")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    checked = 0
    for path in options.files:
        for line, command, expected in examples(path.read_text(encoding="utf-8")):
            words = shlex.split(command)
            if pathlib.Path(words[0]).name != "orcinus-opt":
                continue
            run = subprocess.run(shlex.split(options.opt) + words[1:], cwd=options.root,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            where = f"{path}:{line}: {command}"
            if run.returncode != 0:
                sys.exit(f"{where}\nfailed:\n{run.stdout.decode()}")
            with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as checks:
                checks.write(directives(expected))
                checks.flush()
                check = subprocess.run([options.filecheck, checks.name], input=run.stdout)
            if check.returncode != 0:
                sys.exit(f"{where}\nprints something else")
            checked += 1
    if not checked:
        sys.exit("no example was found")


if __name__ == "__main__":
    main()
