#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the digests of cmake/CompilerDigest.cmake: on a copy of the sources,
which changes alter which; and that what decides on programs includes nothing
that no digest sees.
Usage: check_digest.py CMAKE SOURCE_DIR WORK_DIR"""

import pathlib
import re
import shutil
import subprocess
import sys

ALL = {"COMPILER", "HOST_OPERATOR", "GPU_OPERATOR"}
# A file, what is changed in it, and the digests that must change.
CHANGES = [
    ("passes/Lowering/LeftPacking.cpp", "int added;", ALL),
    ("lib/Tuning/Spaces/ContractionSpace.cpp", "int added;", ALL),
    ("runtime/Jit/ObjectCompiler.cpp", "int added;", ALL),
    ("dialects/ETO/IR/ETOAttributes.td", "def Added;", ALL),
    ("passes/Target/OperandTile.cpp", "int added;", {"COMPILER", "GPU_OPERATOR"}),
    ("lib/Tuning/GpuTiling.cpp", "int added;", {"COMPILER", "GPU_OPERATOR"}),
    ("lib/Tuning/GpuModel.cpp", "int added;", {"COMPILER", "GPU_OPERATOR"}),
    ("runtime/Simulator/SimulatedKernel.h", "int added;", {"COMPILER", "GPU_OPERATOR"}),
    ("runtime/Abi/Abi.cpp", "int added;", {"COMPILER"}),
    ("passes/Model/SplitPrepare.cpp", "int added;", {"COMPILER"}),
    ("include/orcinus/Support/CounterRng.h", "int added;", {"COMPILER"}),
    ("lib/Tuning/Database.cpp", "int added;", {"COMPILER"}),
    ("runtime/Train/Trainer.cpp", "int added;", set()),
    ("tools/orcinus/TuneCommand.cpp", "int added;", set()),
    ("passes/Lowering/LeftPacking.cpp", "  // A comment.\n\n", set()),
    ("passes/Lowering/CMakeLists.txt", "# A comment.", set()),
]
# What operators' sources include without it deciding on their code: the ops of
# models, diagnostics, how devices are opened and called, what is measured, which
# programs the operators of a whole module get.
UNSEEN = re.compile(
    r"include/orcinus/(Runtime|Support)/|dialects/(TGNN|Autodiff)/"
    r"|include/orcinus/Tuning/(Database|GpuChip|Measure|Operator|Target)\.h"
    r"|passes/(Kernels|Pipelines)/"
    r"|passes/Tuning/(ComputationText|Passes|ProgramChoice)\.h"
    r"|runtime/(Abi|Device|Memory)/"
    r"|runtime/Jit/(CollectErrors|ModelSource|ReferenceModules)\.h")


def digests(cmake, root, work):
    header = work / "digests.h"
    subprocess.run([cmake, "-D", f"OUTPUT={header}", "-D", f"ROOT={root}", "-P",
                    root / "cmake" / "CompilerDigest.cmake"], check=True)
    return dict(re.findall(r"ORCINUS_(\w+)_DIGEST \"(\w+)\"", header.read_text()))


def copy_sources(source, work):
    copy = work / "copy"
    for folder in ("cmake", "dialects", "include", "lib", "models", "passes", "runtime",
                   "tools"):
        shutil.copytree(source / folder, copy / folder)
    return copy


def check_changes(cmake, source, work):
    copy = copy_sources(source, work)
    before = digests(cmake, copy, work)
    if set(before) != ALL:
        yield f"there are digests {sorted(before)}"
    for name, added, expected in CHANGES:
        file = copy / name
        text = file.read_text()
        file.write_text(text + added)
        after = digests(cmake, copy, work)
        changed = {key for key in ALL if before[key] != after[key]}
        if changed != expected:
            yield f"'{added.strip()}' in {name} changes {sorted(changed)}, not {sorted(expected)}"
        file.write_text(text)


def check_includes(cmake, source, work):
    """Nothing that a file of a digest includes is outside of it."""
    listing = work / "files.txt"
    subprocess.run([cmake, "-D", f"OUTPUT={listing}", "-D", f"ROOT={source}", "-D",
                    "LIST=ON", "-P", source / "cmake" / "CompilerDigest.cmake"], check=True)
    files = {}
    for line in listing.read_text().splitlines():
        name, file = line.split(" ", 1)
        files.setdefault(name.upper(), set()).add(file)
    for name, members in files.items():
        for member in sorted(members):
            text = (source / member).read_text()
            for included in re.findall(r'^\s*(?:#include|include) "([^"]+)"', text, re.M):
                place = next((each for each in (included, f"include/{included}",
                                                f"dialects/{included}")
                              if (source / each).exists()), None)
                if not place or place in members:
                    continue
                if name == "COMPILER" or not UNSEEN.match(place):
                    yield f"{member} includes {place}, which is not part of {name}'s digest"


def main():
    cmake, source, work = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    complaints = list(check_changes(cmake, source, work))
    complaints += check_includes(cmake, source, work)
    print("\n".join(sorted(set(complaints))) or "all changes are seen")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
