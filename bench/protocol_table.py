"""The table of DyGLib's protocol: trains, tests, and prints it.

    protocol_table.py --orcinus build/bin/orcinus --data DATA --out FOLDER
                      [--streams uci,enron] [--models jodie,tgn,...]
                      [--seeds 3] [--first-seed 0] [--epochs 100] [--threads 1]
                      [--print]

DATA has ml_uci.csv and ml_enron.csv as DyGLib has them. Each run is kept in
FOLDER, goes on where it was stopped, or had fewer --epochs, and is then tested
by random, historical and inductive negatives, of all events and of those with
new nodes. With --print nothing is run: the table is that of the runs that are
done. Seeds are those from --first-seed up to, and without, --seeds, so that
several calls can share FOLDER, one a core.

A figure is within two of the published standard deviations, or above it, or
has a mark. The published ones are DyGLib's (Yu et al. 2023), as Lu et al. 2024
and Ding et al. 2024 reprint them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

# What DyGLib's runs set, by model and stream; what is not named is the model's.
OPTIONS = {
    "jodie": {"uci": "--dropout 0.4", "enron": "--dropout 0.1"},
    "dyrep": {"uci": "--dropout 0", "enron": "--dropout 0"},
    "tgat": {"uci": "--layers 2 --neighbours 20 --dropout 0.1",
             "enron": "--layers 2 --neighbours 20 --dropout 0.2"},
    "tgn": {"uci": "--layers 1 --neighbours 10 --dropout 0.1",
            "enron": "--layers 1 --neighbours 10 --dropout 0"},
    "tgn_dyglib": {"uci": "--dropout 0.1", "enron": "--dropout 0"},
    "cawn": {"uci": "--dropout 0.1 --sizes walks=64",
             "enron": "--dropout 0.1"},
    "tcl": {"uci": "--dropout 0", "enron": "--dropout 0.1"},
    "graphmixer": {"uci": "--dropout 0.4", "enron": "--dropout 0.5"},
    "dygformer": {"uci": "--dropout 0.1",
                  "enron": "--dropout 0 --sizes patches=32,patch=8"},
    "tpnet": {"uci": "--dropout 0.1 --sizes walk_width=110",
              "enron": "--dropout 0.1 --sizes walk_width=120"},
}

# What is another in the model's text.
TEXTS = {("tpnet", "enron"): ("decay(1.0e-07)", "decay(1.0e-06)")}
MODELS = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "models")

# Of which model of DyGLib's the published figures are.
PUBLISHED_NAME = {"jodie": "JODIE", "dyrep": "DyRep", "tgat": "TGAT",
                  "tgn": "TGN", "tgn_dyglib": "TGN", "cawn": "CAWN",
                  "tcl": "TCL", "graphmixer": "GraphMixer",
                  "dygformer": "DyGFormer", "tpnet": "TPNet"}

NAMES = ["JODIE", "DyRep", "TGAT", "TGN", "CAWN", "TCL", "GraphMixer",
         "DyGFormer", "TPNet"]

# (stream, negatives, figure): mean and standard deviation, in the order above.
PUBLISHED = {
    ("uci", "random", "ap"): "89.43 1.09 65.14 2.30 79.63 0.70 92.34 1.04 "
    "95.18 0.06 89.57 1.63 93.25 0.57 95.79 0.17 97.35 0.04",
    ("enron", "random", "ap"): "84.77 0.30 82.38 3.36 71.12 0.97 86.53 1.11 "
    "89.56 0.09 79.70 0.71 82.25 0.16 92.47 0.12 92.90 0.17",
    ("uci", "random", "auc"): "90.44 0.49 68.77 2.34 78.53 0.74 92.03 1.13 "
    "93.87 0.08 87.82 1.36 91.81 0.67 94.49 0.26 96.79 0.05",
    ("enron", "random", "auc"): "87.96 0.52 84.89 3.00 68.89 1.10 88.32 0.99 "
    "90.45 0.14 75.74 0.72 84.38 0.21 93.33 0.13 93.98 0.26",
    ("uci", "historical", "ap"): "75.24 5.80 55.10 3.14 68.27 1.37 80.43 2.12 "
    "65.30 0.43 80.25 2.74 84.11 1.35 82.17 0.82 86.34 0.80",
    ("enron", "historical", "ap"): "69.85 2.70 71.19 2.76 64.07 1.05 "
    "73.91 1.76 64.73 0.36 70.66 0.39 77.98 0.92 75.63 0.73 80.79 1.68",
    ("uci", "historical", "auc"): "78.64 3.50 57.91 3.12 58.89 1.57 "
    "77.25 2.68 57.86 0.15 72.25 3.46 77.54 2.02 76.97 0.24 80.42 0.64",
    ("enron", "historical", "auc"): "75.39 2.37 74.69 3.55 61.85 1.43 "
    "77.09 2.22 65.10 0.34 67.95 0.88 75.27 1.14 76.55 0.52 81.16 1.28",
    ("uci", "inductive", "ap"): "65.99 1.40 54.79 1.76 68.67 0.84 70.94 0.71 "
    "64.61 0.48 76.01 1.11 80.10 0.51 72.25 1.71 77.26 1.57",
    ("enron", "inductive", "ap"): "68.96 0.98 67.79 1.53 63.94 1.36 "
    "70.89 2.72 75.15 0.58 71.29 0.32 75.01 0.79 77.41 0.89 75.36 1.81",
    ("uci", "inductive", "auc"): "64.14 1.26 54.25 2.01 60.80 1.01 64.11 1.04 "
    "58.06 0.26 70.05 1.86 74.59 0.74 65.96 1.18 70.85 0.96",
    ("enron", "inductive", "auc"): "70.92 1.05 68.73 1.34 60.45 2.12 "
    "71.34 2.46 75.17 0.50 67.64 0.86 71.53 0.85 74.07 0.64 75.44 1.38",
    ("uci", "random", "ap_inductive"): "79.86 1.48 57.48 1.87 79.54 0.48 "
    "88.12 2.05 92.73 0.06 87.36 2.03 91.19 0.42 94.54 0.12 95.74 0.05",
    ("enron", "random", "ap_inductive"): "80.72 1.39 74.55 3.95 67.05 1.51 "
    "77.94 1.02 86.35 0.51 76.14 0.79 75.88 0.48 89.76 0.34 90.34 0.28",
    ("uci", "random", "auc_inductive"): "78.80 0.94 58.08 1.81 77.64 0.38 "
    "86.68 2.29 90.40 0.11 84.49 1.82 89.30 0.57 92.63 0.13 94.40 0.03",
    ("enron", "random", "auc_inductive"): "81.96 1.34 76.34 4.20 64.63 1.74 "
    "78.83 1.11 87.02 0.50 72.33 0.99 76.51 0.71 90.69 0.26 90.21 0.49",
    ("uci", "historical", "ap_inductive"): "63.11 2.27 52.47 2.06 70.52 0.93 "
    "70.78 0.78 64.54 0.47 76.71 1.00 81.66 0.49 72.13 1.87 78.48 1.18",
    ("enron", "historical", "ap_inductive"): "65.86 3.71 62.08 2.27 "
    "61.40 1.31 62.91 1.16 60.70 0.36 67.11 0.62 72.37 1.37 67.07 0.62 "
    "74.60 1.35",
}

NEGATIVES = ["random", "historical", "inductive"]
COLUMNS = [(negatives, figure)
           for negatives in NEGATIVES
           for figure in ("ap", "auc", "ap_inductive", "auc_inductive")]


def published(stream, model, negatives, figure):
    """Mean and standard deviation; nothing where the tables have none."""
    # For new nodes the two kinds have the same figures, up to 0.1.
    if figure == "ap_inductive" and negatives == "inductive":
        negatives = "historical"
    numbers = PUBLISHED.get((stream, negatives, figure))
    if not numbers:
        return None
    numbers = [float(number) for number in numbers.split()]
    place = 2 * NAMES.index(PUBLISHED_NAME[model])
    return numbers[place], numbers[place + 1]


class Runs:
    def __init__(self, arguments):
        self.arguments = arguments
        os.makedirs(arguments.out, exist_ok=True)

    def path(self, stream, model, seed):
        return os.path.join(self.arguments.out, f"{stream}-{model}-{seed}")

    def call(self, log, *command):
        with open(log, "a") as file:
            done = subprocess.run([self.arguments.orcinus, *command],
                                  stdout=file, stderr=file)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: see {log}")

    def text(self, stream, model):
        """The model's name, or a file with a text of its own."""
        if (model, stream) not in TEXTS:
            return model
        with open(os.path.join(MODELS, model + ".mlir")) as file:
            text = file.read()
        before, after = TEXTS[model, stream]
        if before not in text:
            sys.exit(f"models/{model}.mlir has no {before}")
        path = os.path.join(self.arguments.out, f"{stream}-{model}.mlir")
        with open(path, "w") as file:
            file.write(text.replace(before, after))
        return path

    def train(self, stream, model, seed, data):
        path = self.path(stream, model, seed)
        # The epochs that were asked for, and the seconds of the last part.
        if os.path.exists(path + ".trained"):
            with open(path + ".trained") as file:
                if int(file.read().split()[0]) >= self.arguments.epochs:
                    return
            for negatives in NEGATIVES:
                result = f"{path}-{negatives}.json"
                if os.path.exists(result):
                    os.remove(result)
            os.remove(path + ".trained")
        begin = time.time()
        self.call(path + ".log", "train", "--data", data, "--model",
                  self.text(stream, model), "--protocol", "dyglib", "--epochs",
                  str(self.arguments.epochs), "--patience", "20", "--threads",
                  str(self.arguments.threads), "--seed", str(seed),
                  *OPTIONS[model][stream].split(), "--checkpoint", path,
                  "--resume", "--metrics", path + ".jsonl")
        with open(path + ".trained", "w") as file:
            file.write(f"{self.arguments.epochs} {time.time() - begin:.0f}\n")

    def test(self, stream, model, seed, data):
        path = self.path(stream, model, seed)
        for negatives in NEGATIVES:
            result = f"{path}-{negatives}.json"
            if not os.path.exists(result):
                self.call(path + ".log", "eval", "--checkpoint", path,
                          "--data", data, "--protocol", "dyglib",
                          "--negatives", negatives, "--threads",
                          str(self.arguments.threads), "--metrics",
                          result + ".new")
                os.rename(result + ".new", result)

    def figures(self, stream, model, seed):
        """By negatives and figure; nothing where the run is not done."""
        figures = {}
        for negatives in NEGATIVES:
            path = f"{self.path(stream, model, seed)}-{negatives}.json"
            if not os.path.exists(path):
                return None
            with open(path) as file:
                figures[negatives] = json.load(file)
        return figures


def cell(values, reference):
    mean = statistics.mean(values)
    text = f"{mean:.2f}"
    if len(values) > 1:
        text += f" ± {statistics.stdev(values):.2f}"
    if reference:
        short = mean < reference[0] - 2 * reference[1]
        text += f" ({reference[0]:.2f} ± {reference[1]:.2f})"
        text += " ▾" if short else ""
    return text


def print_table(runs, stream, models, seeds):
    print(f"\n{stream}, here (published; ▾ below it by more than two standard "
          "deviations)\n")
    titles = [f"{negatives} {figure.upper().replace('_INDUCTIVE', ', new')}"
              for negatives, figure in COLUMNS]
    print("| model | seeds | " + " | ".join(titles) + " |")
    print("|---|" + "--:|" * (len(titles) + 1))
    for model in models:
        done = [figures for seed in range(seeds)
                if (figures := runs.figures(stream, model, seed))]
        if not done:
            continue
        cells = [cell([100 * figures[negatives][figure] for figures in done],
                      published(stream, model, negatives, figure))
                 for negatives, figure in COLUMNS]
        print(f"| `{model}` | {len(done)} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--streams", default="uci,enron")
    parser.add_argument("--models", default=",".join(OPTIONS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--print", action="store_true", dest="only_print")
    arguments = parser.parse_args()
    runs = Runs(arguments)
    streams, models = (arguments.streams.split(","),
                       arguments.models.split(","))
    if not arguments.only_print:
        for seed in range(arguments.first_seed, arguments.seeds):
            for model in models:
                for stream in streams:
                    data = os.path.join(arguments.data, f"ml_{stream}.csv")
                    runs.train(stream, model, seed, data)
                    runs.test(stream, model, seed, data)
    for stream in streams:
        print_table(runs, stream, models, arguments.seeds)


main()
