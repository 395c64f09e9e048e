"""Trains an epoch on the host and on another target, and fails where the losses
or the precisions differ: compare_targets.py ORCINUS CACHE TARGET [OPTION...]"""

import json
import pathlib
import subprocess
import sys
import tempfile

orcinus, cache, target, *options = sys.argv[1:]
STREAM = "synthetic:nodes=120,events=900"


def epoch(target, options):
    with tempfile.TemporaryDirectory() as folder:
        metrics = pathlib.Path(folder) / "metrics.jsonl"
        subprocess.run([orcinus, "train", "--data", STREAM, "--dim", "16", "--neighbours", "4",
                        "--batch-size", "50", "--epochs", "1", "--threads", "1",
                        "--cache-dir", cache, "--target", target, "--metrics", metrics, *options],
                       check=True, stdout=subprocess.DEVNULL)
        return json.loads(metrics.read_text().splitlines()[0])


ours = [option for option in options if not option.startswith(("--check", "--thread-order"))]
expected, actual = epoch("host", ours), epoch(target, options)
for name in ("train_loss", "val_ap"):
    difference = abs(actual[name] - expected[name]) / abs(expected[name])
    print(f"{name}: {expected[name]:.6f} on the host, {actual[name]:.6f} on {target}")
    if difference > 2e-3 or actual["batches"] == 0:
        sys.exit(f"{name} differs by {difference:.2e}")
