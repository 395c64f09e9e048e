"""Classes of nodes, learnt from contacts: trains, tests, and prints the table.

    node_classes.py --orcinus build/bin/orcinus --data primary_school.csv.gz
                    --out FOLDER [--seeds 3] [--epochs 15] [--events N]
                    [--neighbours 60] [--threads 1]

The data are rows of time, two nodes and their classes (SocioPatterns' contacts
of a primary school; Stehle et al. 2011). TGAT of one layer sees who met whom,
each node as itself and no class; the classes of a fifth of the nodes are kept
from training. Beside it stand the rules of `orcinus eval`: the most frequent
class, the node's own last label, the class of its most frequent contact.
"""

import argparse
import gzip
import json
import os
import statistics
import struct
import subprocess

ROWS = [("the model", ""), ("most frequent class", "majority_"),
        ("its last label", "last_"), ("most frequent contact", "contact_")]


def write_identity(path, nodes):
    """A row for each node as itself, after one for no node; an even number of
    columns, for the model's two heads."""
    columns = nodes + nodes % 2
    shape = f"({nodes + 1}, {columns})"
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode())
        for row in range(nodes + 1):
            values = (float(row == column + 1) for column in range(columns))
            file.write(struct.pack(f"<{columns}f", *values))


def convert(data, folder, events):
    """Writes the contacts in DyGLib's format, and the classes in a file."""
    with gzip.open(data, "rt") as file:
        rows = [line.split() for line in file][:events]
    classes = {}
    for _, source, destination, of_source, of_destination in rows:
        classes[source] = of_source
        classes[destination] = of_destination
    names = {node: number for number, node in
             enumerate(sorted(classes, key=int), start=1)}
    start = float(rows[0][0])
    stream = os.path.join(folder, "ml_school.csv")
    with open(stream, "w") as file:
        file.write(",u,i,ts,label,idx\n")
        for number, (time, source, destination, _, _) in enumerate(rows):
            file.write(f"{number},{names[source]},{names[destination]},"
                       f"{float(time) - start},0.0,{number + 1}\n")
    write_identity(os.path.join(folder, "ml_school_node.npy"), len(names))
    labels = os.path.join(folder, "classes.csv")
    with open(labels, "w") as file:
        file.write("node,label\n")
        file.writelines(f"{number},{classes[node]}\n"
                        for node, number in names.items())
    return stream, labels


def run(options, stream, labels, seed):
    """The figures of a test."""
    metrics = os.path.join(options.out, f"seed{seed}.jsonl")
    subprocess.run(
        [options.orcinus, "train", "--data", stream, "--labels", labels,
         "--task", "node-classification", "--mask-nodes", "0.2",
         "--model", "tgat", "--layers", "1", "--dropout", "0.3",
         "--neighbours", str(options.neighbours), "--batch-size", "600",
         "--lr", "1e-3", "--epochs", str(options.epochs), "--patience", "3",
         "--seed", str(seed), "--threads", str(options.threads),
         "--metrics", metrics],
        stdout=subprocess.DEVNULL, check=True)
    with open(metrics) as file:
        return json.loads(file.readlines()[-1])


def print_table(figures):
    print("| accuracy | of all nodes | of nodes whose classes training never "
          "saw |")
    print("|---|--:|--:|")
    for what, prefix in ROWS:
        cells = []
        for suffix in ("", "_inductive"):
            values = [100 * each[f"{prefix}accuracy{suffix}"]
                      for each in figures]
            spread = statistics.stdev(values) if len(values) > 1 else 0
            cells.append(f"{statistics.mean(values):.1f} ± {spread:.1f}")
        print(f"| {what} | {cells[0]} | {cells[1]} |")
    seconds = statistics.mean(each["total_seconds"] for each in figures)
    print(f"\n{len(figures)} runs, of {seconds:.0f} s in the mean")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orcinus", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--events", type=int)
    parser.add_argument("--neighbours", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    stream, labels = convert(options.data, options.out, options.events)
    print_table([run(options, stream, labels, seed)
                 for seed in range(options.seeds)])


if __name__ == "__main__":
    main()
