"""Files that runs, plans and tunings leave, for the tests that read them."""

import json
import struct
import zlib


def epoch(number, **more):
    return {"event": "epoch", "epoch": number, "train_seconds": 0.5 + number,
            "val_seconds": 0.1, "train_loss": 1 / number, "val_ap": 0.5 + 0.01 * number,
            "val_auc": 0.6, "val_ap_inductive": None, "val_auc_inductive": 0.5,
            "batches": 4, "rows": [20, 10],
            "reuse": {"reads": 100, "in_batch_reads": 60,
                      "out_of_batch_reads": 40, "hits": 10 * number,
                      "recomputed": 7, "cold": 1, "mean_age": 1.5,
                      "max_age": 3}, **more}


def staleness(number, batch):
    return {"event": "staleness", "epoch": number, "batch": batch,
            "staleness": [{"mean": 2.0, "max": 4.0}],
            "output_error": {"mean": 0.5, "max": 1.0}, "lambda1": 0.5,
            "lambda2": 1.0, "bound": 8.0}


def tested(**more):
    return {"event": "test", "ap": 0.8, "auc": 0.7, "ap_inductive": None,
            "auc_inductive": 0.6, "best_epoch": 2, "compile_seconds": 1.0,
            "test_seconds": 0.1, "total_seconds": 9.0, **more}


def run_lines(**test):
    return [staleness(1, 2), epoch(1), staleness(2, 2), epoch(2),
            tested(**test)]


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def write_checkpoint(folder, lines, **options):
    """The file that a checkpoint is, as far as its header goes."""
    header = json.dumps({
        "options": {"model": "tgn", "seed": 0, "capacity": -1, "dim": None,
                    **options},
        "position": {"history": [json.dumps(line, separators=(",", ":"))
                                 for line in lines]}}).encode()
    folder.mkdir(parents=True)
    (folder / "checkpoint").write_bytes(
        struct.pack("<8sIIQ", b"ORCINUS\0", 2, zlib.crc32(header), len(header))
        + header)
    return folder


GRAPH = {"nodes": [{"name": "a", "bridge": False, "search_seconds": 5.0},
                   {"name": "b", "bridge": True, "search_seconds": 4.0}],
         "edges": [{"source": "a", "target": "b", "reuse_seconds": 0.5},
                   {"source": "b", "target": "a", "reuse_seconds": 0.25}]}

PLAN = {"expected_seconds": 5.5, "steps": [
    {"name": "a", "bridge": False, "source": None, "expected_seconds": 5.0},
    {"name": "b", "bridge": True, "source": "a", "expected_seconds": 0.5}]}

PLAN_FIGURE = r'''digraph plan {
  "" [shape=point];
  "a \"quoted\"";
  "" -> "a \"quoted\"" [label="5.00 s"];
  "b" [style=dashed];
  "a \"quoted\"" -> "b" [label="0.50 s"];
}
'''

TUNING = {"strategy": "reuse", "seconds": 3.5, "operators": [
    {"name": "product", "microseconds": 12.5, "trials": 8, "source": "search",
     "origin": "measured", "candidates": {"ok": 7, "rejected": 1}},
    {"name": "larger", "microseconds": 900.0, "trials": 4, "source": "reuse",
     "origin": "modelled", "candidates": {"ok": 4}}],
    "left_out": [{"name": "sum", "reason": "has too few iterations"}],
    "failed": [],
    "plan": {"steps": [
        {"name": "product", "bridge": False, "source": None,
         "expected_seconds": 2.0, "seconds": 1.5, "trials": 8,
         "mending_trials": 0},
        {"name": "larger", "bridge": False, "source": "product",
         "expected_seconds": 1.0, "seconds": 2.0, "trials": 4,
         "mending_trials": 0}]}}

SWEEP = {"batches": 4, "points": [
    {"option": f"--capacity {capacity}", "capacities": [capacity],
     "bytes": 400 * capacity, "rows": [20, 10], "reads": 100,
     "out_of_batch_reads": 40, "hits": 4 * capacity, "recomputed": 9,
     "mean_age": 1.0, "max_age": 2, "train_seconds": 0.5}
    for capacity in (0, 5, 10)],
    "seconds_per_batch": 0.1, "seconds_per_row": 0.01,
    "recommended": "--capacity 5"}
