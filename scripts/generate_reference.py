#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the reference of dialects and passes from their TableGen files:
docs/dialects, docs/passes.md and, in docs/abi.md, index work. With --check it
writes nothing, and fails where a file is not what it would write."""

import argparse
import difflib
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LLVM = pathlib.Path("/usr/lib/llvm-22")
NOTE = "<!-- Written by scripts/generate_reference.py; edit the .td files. -->\n"
END = "<!-- Up to here. -->\n"


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


def records(options, source):
    """The definitions of a .td file, by name."""
    run = subprocess.run(
        [options.dump, "-dump-json", "-I", ROOT, "-I", options.include, ROOT / source],
        stdout=subprocess.PIPE, encoding="utf-8")
    if run.returncode != 0:
        sys.exit(f"{source}: llvm-tblgen failed")
    return json.loads(run.stdout)


def instances(all_records, name):
    """Those of a class, in the file's order."""
    return [all_records[record] for record in all_records["!instanceof"].get(name, [])]


def values(all_records, record, field):
    """Operands or results: pairs of a name and what it is."""
    return [(name, all_records[value["def"]]) for value, name in record[field]["args"]]


def described(all_records, op):
    """An op's summary, then its description up to the example."""
    text = " ".join(op["description"].split("```")[0].split())
    constants = [all_records[constant["def"]] for constant in op["constants"]]
    notes = [f"`{constant['name']}`: {constant['description']}"
             for constant in constants if constant["description"]]
    return f"{op['summary']}. {' '.join([text, *(note + '.' for note in notes)])}".strip()


def call(all_records, op, handles):
    """The call of an op's function as C has it: all but pointers are int32_t."""
    arguments = ["step"]
    arguments += [name for name, kind in values(all_records, op, "arguments")
                  if "Attr" not in kind["!superclasses"]]
    returned = ""
    for name, kind in values(all_records, op, "results"):
        if kind["!name"] in handles:
            arguments.append(name)
        elif "I" in kind["!superclasses"]:
            returned = "int32_t "
        else:
            arguments.insert(0, name)
    arguments += [all_records[constant["def"]]["name"] for constant in op["constants"]]
    return f"{returned}{op['runtimeFunction']}({', '.join(arguments)})"


def index_work(options):
    """The calls that prepare functions make and the tables of their handles."""
    all_records = records(options, "dialects/TGNN/IR/TGNNOps.td")
    handles = {handle["!name"]: handle for handle in instances(all_records, "TGNN_Type")}
    lines = ["| call | op | does |", "|---|---|---|"]
    for op in instances(all_records, "TGNN_IndexOp"):
        results = [f"`{name}`: `!tgnn.{handles[kind['!name']]['mnemonic']}`"
                   for name, kind in values(all_records, op, "results")
                   if kind["!name"] in handles]
        lines.append(f"| `{call(all_records, op, handles)}` | `tgnn.{op['opName']}` | "
                     f"{' '.join([described(all_records, op), *(made + '.' for made in results)])} |")
    lines += ["", "| handle | table | elements | below | what |",
              "|---|---|---|---|---|"]
    for handle in handles.values():
        for table in (all_records[table["def"]] for table in handle["tables"]):
            lines.append(f"| `!tgnn.{handle['mnemonic']}` | `{table['name']}` | "
                         f"{table['element'].lower()}[{', '.join(table['extents'])}] | "
                         f"{table['below']} | "
                         f"{table['description']} |")
    return "\n".join(lines) + "\n"


def with_index_work(options):
    """docs/abi.md with what is between the two notes written anew."""
    before, rest = (ROOT / "docs/abi.md").read_text(encoding="utf-8").split(NOTE)
    after = rest.split(END)[1]
    return f"{before}{NOTE}\n{index_work(options)}\n{END}{after}"


def reference(options):
    """The text of each file, by its path in the repository."""
    files = {"docs/abi.md": with_index_work(options)}
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
    parser.add_argument("--dump", default=LLVM / "bin/llvm-tblgen", help="llvm-tblgen")
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
