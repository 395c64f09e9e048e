"""What reuse costs in AP, and what was tried against it.

    reuse_accuracy.py --orcinus build/bin/orcinus --data FILE --out FOLDER
                      [--variants "exact;push-pull;..."] [--seeds 3]
                      [--options="--layers 2 ..."] [--print]

Trains each variant until its validation stops getting better, and tests it
exactly. A variant is one run, or one that goes on from the best parameters of
another (`train --continue`), whose seconds count, too. Runs are kept in FOLDER.
With --print nothing is run: the table is that of the runs that are done.

A line has the test APs of all events and of those with new nodes, in
hundredths, means and standard deviations over the seeds; the mean difference
to exact training's with the same seed; epochs in all; and the seconds of
training up to the best epoch as a multiple of exact's, on whatever else this
machine did.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess

PUSH_PULL = "--reuse push-pull"
RECOMPUTE = "--reuse recompute --capacity 1000"
SEPARATE = "--reuse recompute --share separate"

# name: options, of one run after the other.
VARIANTS = {
    "exact": ["--reuse none"],
    "push-pull": [PUSH_PULL],
    "recompute": [RECOMPUTE],
    "recompute, as by default": ["--reuse recompute"],
    "push-pull, causal": [PUSH_PULL + " --share causal"],
    "recompute, causal": [RECOMPUTE + " --share causal"],
    "push-pull, gradient not blocked": [PUSH_PULL + " --no-block-gradient"],
    "recompute, gradient not blocked": [RECOMPUTE + " --no-block-gradient"],
    "push-pull, age 10": [PUSH_PULL + " --max-age 10"],
    "recompute, age 10": [RECOMPUTE + " --max-age 10"],
    "recompute, age 1": [RECOMPUTE + " --max-age 1"],
    "recompute, age 3": [RECOMPUTE + " --max-age 3"],
    "recompute, age 1, gradient not blocked":
        [RECOMPUTE + " --max-age 1 --no-block-gradient"],
    "recompute, no cache": ["--reuse recompute --capacity 0"],
    "push-pull, half the rate": [PUSH_PULL + " --lr 5e-5"],
    "push-pull, twice the rate": [PUSH_PULL + " --lr 2e-4"],
    "push-pull, cosine": [PUSH_PULL + " --schedule cosine --epochs 20"],
    "push-pull, an exact epoch": [PUSH_PULL, "--reuse none --epochs 1"],
    "push-pull, exact epochs": [PUSH_PULL, "--reuse none"],
    "recompute, an exact epoch": [RECOMPUTE, "--reuse none --epochs 1"],
    "recompute, exact epochs": [RECOMPUTE, "--reuse none"],
    "push-pull, causal, exact epochs":
        [PUSH_PULL + " --share causal", "--reuse none"],
    "push-pull, gradient not blocked, exact epochs":
        [PUSH_PULL + " --no-block-gradient", "--reuse none"],
    "recompute, no cache, gradient not blocked":
        ["--reuse recompute --capacity 0 --no-block-gradient"],
    "separate, no cache": [SEPARATE + " --capacity 0"],
    "separate, no cache, gradient not blocked":
        [SEPARATE + " --capacity 0 --no-block-gradient"],
    "5 of push-pull, exact epochs":
        [PUSH_PULL + " --epochs 5", "--reuse none"],
}


class Study:
    def __init__(self, arguments):
        self.arguments = arguments
        os.makedirs(arguments.out, exist_ok=True)

    def path(self, stages, seed):
        name = "+".join(stage.replace("--", "").replace(" ", "-")
                        for stage in stages)
        return os.path.join(self.arguments.out, f"{name}-{seed}")

    def run(self, stages, seed):
        """Trains what is not trained yet, one stage after the other."""
        for count in range(1, len(stages) + 1):
            path = self.path(stages[:count], seed)
            if os.path.exists(path + ".jsonl"):
                continue
            shutil.rmtree(path, ignore_errors=True)
            command = [self.arguments.orcinus, "train", "--data",
                       self.arguments.data, "--threads", "1", "--checkpoint",
                       path, "--metrics", path + ".new",
                       *stages[count - 1].split()]
            if "--epochs" not in command:
                command += ["--epochs", "100"]
            if count == 1:
                command += ["--seed", str(seed),
                            *self.arguments.options.split()]
            else:
                shutil.copytree(self.path(stages[:count - 1], seed), path)
                command.append("--continue")
            with open(path + ".log", "w") as log:
                subprocess.run(command, stdout=log, stderr=log, check=True)
            os.rename(path + ".new", path + ".jsonl")

    def result(self, stages, seed):
        """AP, AP of new nodes, epochs, seconds; nothing where not done."""
        epochs = seconds = 0
        for count in range(1, len(stages) + 1):
            path = self.path(stages[:count], seed) + ".jsonl"
            if not os.path.exists(path):
                return None
            with open(path) as file:
                lines = [json.loads(line) for line in file]
            test = lines[-1]
            best = [line for line in lines if line["event"] == "epoch"
                    and line["epoch"] <= test["best_epoch"]]
            epochs += len(best)
            seconds += sum(line["train_seconds"] for line in best)
        return test["ap"], test["ap_inductive"], epochs, seconds


def spread(values):
    text = f"{statistics.mean(values):.2f}"
    return text + (f" ± {statistics.stdev(values):.2f}"
                   if len(values) > 1 else "")


def print_table(study, names, seeds):
    exact = [study.result(VARIANTS["exact"], seed) for seed in range(seeds)]
    print("| | seeds | AP | of new nodes | to exact | epochs | time |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name in names:
        done = [(study.result(VARIANTS[name], seed), exact[seed])
                for seed in range(seeds)]
        done = [pair for pair in done if all(pair)]
        if not done:
            continue
        own = [result for result, _ in done]
        gap = [100 * (result[0] - other[0]) for result, other in done]
        time = sum(result[3] for result in own) / sum(
            other[3] for _, other in done)
        print(f"| {name} | {len(done)} | "
              f"{spread([100 * result[0] for result in own])} | "
              f"{spread([100 * result[1] for result in own])} | "
              f"{statistics.mean(gap):+.2f} | "
              f"{statistics.mean(result[2] for result in own):.0f} | "
              f"{time:.2f} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--variants", default=";".join(VARIANTS),
                        help="names of the table, between semicolons")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--options", default="",
                        help="of the first stage of each run")
    parser.add_argument("--print", action="store_true", dest="only_print")
    arguments = parser.parse_args()
    study = Study(arguments)
    names = arguments.variants.split(";")
    if not arguments.only_print:
        for seed in range(arguments.seeds):
            for name in ["exact", *names]:
                study.run(VARIANTS[name], seed)
    print_table(study, names, arguments.seeds)


if __name__ == "__main__":
    main()
