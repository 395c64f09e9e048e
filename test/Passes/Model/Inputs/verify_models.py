"""Checks the rows of every model's steps before and after their adjoints are
derived, those of reuse included."""

import pathlib
import re
import subprocess
import sys

models, tool = pathlib.Path(sys.argv[1]), sys.argv[2:]
DERIVED = ["--tgnn-inline-layers", "--tgnn-verify-rows", "--tgnn-decompose",
           "--canonicalize", "--cse", "--tgnn-reassociate-products",
           "--tgnn-autodiff", "--canonicalize", "--cse", "--tgnn-verify-rows"]
FUNCTIONS = "functions=train,gradient,evaluate,embed,score,advance"

checked = 0
for model in sorted(models.glob("*.mlir")):
    expansions = [[f"--tgnn-expand-model={FUNCTIONS}"]]
    if not re.search(r"tgnn\.(encode|score) ", model.read_text(encoding="utf-8")):
        deep = ["--tgnn-specialize-model=sizes=layers:3",
                f"--tgnn-expand-model={FUNCTIONS},measure"]
        expansions.append(deep)
        expansions += [[*deep, f"--tgnn-insert-reuse=mode={mode}", "--tgnn-lower-reuse"]
                       for mode in ("push-pull", "recompute")]
    for expansion in expansions:
        run = subprocess.run([*tool, str(model), *expansion, *DERIVED],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"{model.name}, {' '.join(expansion)}:\n{run.stderr}")
        checked += 1
if not checked:
    sys.exit(f"no model in {models}")
