#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the examples of the reference, docs/dialects/*.md and docs/passes.md.

Every op has a description and, after it, a module in an ```mlir block that
holds the op, verifies, and is the same after a round trip in either form. Every
pass has a module after `Before:` (or ``Before `--pass=options`:``) and, after
`After:`, what orcinus-opt makes of it, in which `…` stands for what is left out
as in check_examples.py. One that only checks has, in place of these, a module
after `Refused:` and, after `Error:`, what it says of it."""

import argparse
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from check_examples import directives

MODULE = re.compile(r"^```mlir\n(.*?)^```$", re.M | re.S)
SEPARATOR = "\n// -----\n"
PASS_EXAMPLE = re.compile(r"^Before(?: `(--[^`]*)`)?:\n\n```mlir\n(.*?)^```\n\n"
                          r"After:\n\n```mlir\n(.*?)^```$", re.M | re.S)
REFUSED_EXAMPLE = re.compile(r"^Refused:\n\n```mlir\n(.*?)^```\n\n"
                             r"Error:\n\n```\n(.*?)^```$", re.M | re.S)


def sections(text):
    """(heading, text) of each op, attribute, type or pass of a file."""
    parts = re.split(r"^### (.*)$", text, flags=re.M)[1:]
    for heading, body in zip(parts[::2], parts[1::2]):
        yield heading, re.split(r"^## ", body, flags=re.M)[0]


def run(options, arguments, text):
    """(whether it succeeded, what it printed, its complaints) of orcinus-opt."""
    result = subprocess.run(shlex.split(options.opt) + arguments, input=text,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    return result.returncode == 0, result.stdout, result.stderr


def round_trip_complaint(options, text):
    """What is wrong with modules, separated by SEPARATOR."""
    good, printed, errors = run(options, ["--split-input-file"], text)
    if not good:
        return f"the example does not verify:\n{errors}"
    for form in ([], ["--mlir-print-op-generic"]):
        _, other, _ = run(options, ["--split-input-file"] + form, printed)
        _, again, errors = run(options, ["--split-input-file"], other)
        if again != printed:
            return f"the example is something else after a round trip:\n{errors}{again}"
    return None


def round_trip_complaints(options, modules):
    """(heading, complaint) of each wrong one of (heading, module)."""
    if round_trip_complaint(options, SEPARATOR.join(module for _, module in modules)):
        for heading, module in modules:
            complaint = round_trip_complaint(options, module)
            if complaint:
                yield heading, complaint


def op_complaints(op, body):
    """What an op's description lacks."""
    example = MODULE.search(body)
    if not example:
        yield "has no example in its description"
        return
    words = re.sub(r"^Syntax:\n\n```\n.*?^```$", "", body[:example.start()], flags=re.M | re.S)
    if not re.sub(r"^_.*_$", "", words, flags=re.M).strip():
        yield "has no description before its example"
    if not re.search(rf"(?<![\w.]){re.escape(op)}(?![\w.])", "".join(MODULE.findall(body))):
        yield "has an example without the op"


def modules_of(heading, body):
    """The examples of an op, attribute or type as modules."""
    for block in MODULE.findall(body):
        if block.startswith("#"):
            attributes = [f"a{number} = {text}" for number, text in
                          enumerate(re.split(r"\n(?=#)", block.strip()))]
            block = ("func.func private @example() attributes {" + ",\n".join(attributes) + "}\n")
        yield heading, block


def holds(options, text, expected):
    """Whether FileCheck finds the lines of an example, and what it says."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as checks:
        checks.write(directives(expected.split("\n")))
        checks.flush()
        check = subprocess.run([options.filecheck, checks.name], input=text, encoding="utf-8",
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return check.returncode == 0, check.stdout


def pass_complaints(options, name, body):
    examples = PASS_EXAMPLE.findall(body)
    refused = REFUSED_EXAMPLE.findall(body)
    for module, error in refused:
        good, _, errors = run(options, [f"--{name}"], module)
        if good or " ".join(error.split()) not in errors:
            yield f"the example is not refused like this:\n{errors}"
    if not examples and not refused:
        yield "has no example with Before and After in its description"
    for flags, before, after in examples:
        if name not in flags and flags:
            yield f"the example runs {flags}"
        good, printed, errors = run(options, shlex.split(flags or f"--{name}"), before)
        if not good:
            yield f"the example fails:\n{errors}"
            continue
        same, difference = holds(options, printed, after)
        if not same:
            yield f"the example becomes something else:\n{difference}"
        elif holds(options, run(options, [], before)[1], after)[0]:
            yield "what the example becomes holds before the pass, too"


def complaints(options, text):
    """(heading, complaint) of everything in a file that is wrong."""
    modules = []
    for heading, body in sections(text):
        name = re.match(r"`-?([\w.-]+)`", heading)
        if name and "." not in name.group(1):
            for complaint in pass_complaints(options, name.group(1), body):
                yield heading, complaint
            continue
        if name:
            for complaint in op_complaints(name.group(1), body):
                yield heading, complaint
        modules += modules_of(heading, body)
    yield from round_trip_complaints(options, modules)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opt", required=True, help="the orcinus-opt to run, with its options")
    parser.add_argument("--filecheck", required=True)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    wrong = 0
    for path in options.files:
        text = path.read_text(encoding="utf-8")
        if not any(sections(text)):
            sys.exit(f"{path}: names neither an op nor a pass")
        for heading, complaint in complaints(options, text):
            print(f"{path.name}: {heading}: {complaint}")
            wrong += 1
    sys.exit(f"{wrong} examples are wrong or missing" if wrong else 0)


if __name__ == "__main__":
    main()
