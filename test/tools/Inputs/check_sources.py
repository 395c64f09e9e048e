#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Names lines of the sources under a folder that an input could make end the
process, or that take an input for another: calls that abort, calls that throw
where nothing catches, and errors made of another without its kind; and sets of
ops that a pass keeps from one run to the next."""

import pathlib
import re
import sys

FOLDERS = ["dialects", "include", "lib", "passes", "runtime", "tools"]
JSON = "lib/Support/Json.h"
# The parsers that throw within themselves, and say so.
PARSERS = ["lib/Graph/EventFile.cpp", "runtime/Train/Checkpoint.cpp",
           "runtime/Train/CheckpointHeader.cpp",
           "runtime/Train/CheckpointHeader.h", "runtime/Train/Manifest.cpp",
           "runtime/Train/SectionFile.cpp", "runtime/Train/SessionSetup.cpp",
           "runtime/Train/SessionSnapshot.cpp",
           "tools/orcinus/Follow.cpp"]

# What must not be there, what to do instead, and where it may be all the same.
RULES = [
    (r"\.dump\(", "throws on what is not UTF-8: printJson()", [JSON]),
    (r"\bget<(std::vector<)?(u?int|size_t|long|short|unsigned)",
     "cuts numbers off: asInteger()", [JSON]),
    (r"\breport_fatal_\w*error\b|\bcantFail\b|\bExitOnError\b",
     "ends the process: return an error", []),
    (r"\bstd::(abort|terminate|exit|quick_exit)\b", "ends the process: return an error",
     # Behind a switch of stacks that does not return.
     ["runtime/Simulator/BlockRunner.cpp", "runtime/Simulator/Fiber.cpp"]),
    (r"\bstd::sto[a-z]+\(", "throws: std::from_chars", []),
    (r"\bthrow\b", "nothing is thrown across an interface: return an error",
     PARSERS + [
         # CLI11 takes it.
         "tools/orcinus/EvalCommand.cpp", "tools/orcinus/InfoCommand.cpp",
         "tools/orcinus/PlanCommand.cpp",
         # Memory that is exhausted, as the standard's allocators say it, or
         # which whoever calls compiled code catches.
         "include/orcinus/Support/SpilledMemory.h",
         "lib/Graph/SpilledMemory.cpp", "runtime/Memory/Arena.cpp", "runtime/Train/Invocation.cpp",
         "runtime/Train/ModelState.cpp"]),
    (r"(?<!timeScale)(?<!costs\.run)(?<!costs\.load)\.at\(", "throws or aborts: find()",
     PARSERS + [
         # Their own keys.
         "lib/Tuning/CostModel.cpp", "lib/Tuning/ExtentIndex.cpp",
         "passes/Tuning/InjectBridges.cpp", "runtime/Train/StalenessProbe.cpp",
         # Oracles of the tests.
         "lib/Reference/Reference.cpp", "lib/Reference/Reuse.cpp"]),
]


def calls(text, function):
    """The offset and the arguments of each call of `function`, without the
    literals among them."""
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"', lambda literal: " " * len(literal[0]), text)
    for call in re.finditer(re.escape(function) + r"\(", text):
        depth, end = 1, call.end()
        while depth and end != len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield call.start(), text[call.end():end - 1]


# A class that is a pass, and a member of it that holds values or ops.
PASS = re.compile(r"^class \w+\s*:\s*public (?:orcinus::)?impl::.*?^};",
                  re.MULTILINE | re.DOTALL)
HELD = re.compile(r"^  llvm::\w+<(?:mlir::)?(?:Value|Operation \*|Block \*)"
                  r"[^(;]*> (\w+);", re.MULTILINE)


def complaints(name, text):
    for found in PASS.finditer(text):
        for member in HELD.finditer(found[0]):
            line = text.count("\n", 0, found.start() + member.start()) + 1
            yield (f"{name}:{line}: {member[1]} outlives what is in it, and another "
                   "op may lie there: hold it in an object of one run")
    for offset, arguments in calls(text, "Status::error"):
        if "message()" in arguments and not re.search(r"StatusCode::|\bcode\(\)",
                                                      arguments):
            line = text.count("\n", 0, offset) + 1
            yield f"{name}:{line}: Status::error( loses the kind of an error: within()"
    for number, line in enumerate(text.splitlines(), 1):
        code = line.split("//")[0]
        for pattern, advice, exceptions in RULES:
            found = re.search(pattern, code)
            if found and name not in exceptions:
                yield f"{name}:{number}: {found.group(0)} {advice}"


def main():
    root = pathlib.Path(sys.argv[1])
    wrong = 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".td"):
                continue
            for complaint in complaints(path.relative_to(root).as_posix(),
                                        path.read_text(encoding="utf-8")):
                print(complaint)
                wrong += 1
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
