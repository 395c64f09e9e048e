# The lit suite's configuration.
#
#   lit build/test                               every test
#   lit build/test --filter Lowering             those whose path says so
#   lit build/test --param verify_roundtrip=1    every `orcinus-opt` again, with
#                                                the IR printed and parsed
#                                                between its passes

import os
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

config.substitutions.append(
    ("%orcinus_source", config.orcinus_source_dir))
config.substitutions.append(("%python", sys.executable))
for tool in ("FileCheck", "not", "split-file", "mlir-translate"):
    config.substitutions.append(
        (r"(?<![\w/-])%s(?![\w.-])" % tool,
         os.path.join(config.llvm_tools_dir, tool)))
config.substitutions.append(
    (r"(?<![\w/-])orcinus-opt(?![\w.-])",
     " ".join([orcinus_opt] + extra_arguments)))
config.environment["FILECHECK_OPTS"] = "--enable-var-scope"
