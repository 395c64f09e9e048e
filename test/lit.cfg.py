# The lit suite's configuration.
#
#   lit build/test                               every test
#   lit build/test --filter Lowering             those whose path says so
#   lit build/test --param verify_roundtrip=1    every `orcinus-opt` again, with
#                                                the IR printed and parsed
#                                                between its passes

import os
import shutil
import sys

import lit.formats

config.name = "Orcinus"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "Inputs"]
config.test_source_root = os.path.dirname(__file__)

orcinus_opt = os.path.join(config.orcinus_tools_dir, "orcinus-opt")
extra_arguments = []
if lit_config.params.get("verify_roundtrip"):
    extra_arguments.append("--verify-roundtrip")
    # Beside the other run, which may write at the same time.
    config.test_exec_root = os.path.join(config.test_exec_root, "roundtrip")
    # These run no `orcinus-opt`.
    config.excludes.append("tools")

config.substitutions.append(
    ("%orcinus_source", config.orcinus_source_dir))
# Compiled programs, kept for all tests and runs.
config.substitutions.append(
    ("%cache", os.path.join(config.test_exec_root, "cache")))
# `%exits N command`: succeeds where the command exits with N.
config.substitutions.append(
    ("%exits", "%s %s" % (sys.executable, os.path.join(
        config.test_source_root, "tools", "Inputs", "exits.py"))))
config.substitutions.append(
    ("%llvm_nm", os.path.join(config.llvm_tools_dir, "llvm-nm")))
config.substitutions.append(
    (r"(?<![\w/-])orcinus(?![\w.:-])",
     os.path.join(config.orcinus_tools_dir, "orcinus")))
config.substitutions.append(("%python", sys.executable))
for tool in ("FileCheck", "not", "split-file", "mlir-translate"):
    config.substitutions.append(
        (r"(?<![\w/-])%s(?![\w.-])" % tool,
         os.path.join(config.llvm_tools_dir, tool)))
config.substitutions.append(
    (r"(?<![\w/-])orcinus-opt(?![\w.-])",
     " ".join([orcinus_opt] + extra_arguments)))
# NVIDIA's assembler, where the tools look for it (findPtxas).
if shutil.which("ptxas") or os.access("/usr/local/cuda/bin/ptxas", os.X_OK):
    config.available_features.add("ptxas")
config.environment["FILECHECK_OPTS"] = "--enable-var-scope"
