#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Names lit tests under a folder that cannot fail: those that compare nothing,
and prefixes of FileCheck without a line of their own."""

import pathlib
import re
import sys

COMPARES = re.compile(r"FileCheck|verify-diagnostics|%exits|\bnot\b|\bcmp\b|\bdiff\b|\bgrep\b|"
                      r"%python|mlir-translate")


def complaints(text):
    runs = re.findall(r"RUN: ((?:.*\\\n)*.*)", text)
    if not any(COMPARES.search(run) for run in runs):
        yield "compares nothing"
    directives = re.sub(r"^.*RUN:.*$", "", text, flags=re.M)
    for run in runs:
        for command in re.findall(r"FileCheck (?:%s|\S+\.\w+)[^|]*", run):
            if "%s" not in command:
                continue
            names = re.search(r"--?check-prefix(?:es)?[= ](\S+)", command)
            for prefix in names.group(1).split(",") if names else ["CHECK"]:
                if not re.search(rf"(?<![\w-]){prefix}(-[A-Z]+)?(\{{\w+\}})?:", directives):
                    yield f"has no line for the prefix {prefix}"


def main():
    folder = pathlib.Path(sys.argv[1])
    wrong = 0
    for path in sorted([*folder.rglob("*.mlir"), *folder.rglob("*.test")]):
        if {"Inputs", "differential", "fuzz", "package"} & set(path.relative_to(folder).parts):
            continue
        for complaint in complaints(path.read_text(encoding="utf-8")):
            print(f"{path.relative_to(folder)}: {complaint}")
            wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
