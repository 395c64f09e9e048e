#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares Orcinus' jodie with DyGLib's program, which is in the folder
--dyglib: losses step by step from the same initial weights and negatives,
dropout off, and with --validate the figures of the validation after the epoch,
by the protocol dyglib. Exits 1 where a difference exceeds its tolerance. With
--learning-rate 0, parameters stay what they are, and the validation is of the
same ones. Needs torch, numpy, pandas, scikit-learn and tqdm."""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas
import torch

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, TIME_WIDTH, BATCH = 172, 100, 200


def run_orcinus(options, folder):
    """Losses, initial parameters, training events with their negatives, and the
    figures of the validation."""
    command = [options.tool, "--data", options.data, "--model", "jodie",
               "--protocol", "dyglib", "--steps", str(options.steps),
               "--learning-rate", str(options.learning_rate), folder]
    subprocess.run(command + ["--validate"] * options.validate, check=True)
    shapes = json.loads((folder / "shapes.json").read_text())
    arrays = {name: np.load(folder / f"{name}.npy").reshape(shape)
              for name, shape in shapes.items()}
    return {"parameters": arrays, "train": np.load(folder / "train.npy"),
            "negatives": np.load(folder / "negatives.npy"),
            "losses": np.loadtxt(folder / "losses.txt", ndmin=1),
            "validation": options.validate and np.loadtxt(folder / "validation.txt")}


def take_parameters(model, arrays):
    """Gives DyGLib's modules our initial weights; the columns of its weight of
    a message that belong to edge features stay, for the features are zero.
    Frequencies are part of it: DyGLib rounds the powers of ten of single
    precision, and at a gap of months the last bit of one is a whole phase."""
    memory, decoder = model
    cell = memory.memory_updater.memory_updater
    projection = memory.embedding_module.linear_layer
    pairs = {"time.phases": memory.time_encoder.w.bias,
             "memory.state": cell.weight_hh, "memory.state_bias": cell.bias_hh,
             "memory.input_bias": cell.bias_ih, "project.weight": projection.weight,
             "project.bias": projection.bias, "link.hidden": decoder.fc1.weight,
             "link.hidden_bias": decoder.fc1.bias, "link.result": decoder.fc2.weight,
             "link.result_bias": decoder.fc2.bias}
    with torch.no_grad():
        for name, parameter in pairs.items():
            value = torch.from_numpy(arrays[name])
            parameter.copy_(value.T if value.ndim == 2 else value)
        frequencies = torch.from_numpy(arrays["time.frequencies"])
        memory.time_encoder.w.weight.copy_(frequencies[:, None])
        own = torch.from_numpy(arrays["memory.input"]).T
        cell.weight_ih[:, :own.shape[1]].copy_(own)


class Original:
    """DyGLib's model and evaluation, over its own modules."""

    def __init__(self, options, ours):
        sys.path.insert(0, str(pathlib.Path(options.dyglib).resolve()))
        from models import MemoryModel, modules
        from utils import DataLoader
        table = pandas.read_csv(options.data)
        self.data_class = DataLoader.Data
        self.loader = DataLoader.get_idx_data_loader
        self.columns = [table.u.to_numpy(np.longlong), table.i.to_numpy(np.longlong),
                        table.ts.to_numpy(np.float64), table.idx.to_numpy(np.longlong),
                        table.label.to_numpy()]
        sources, destinations, times, _, _ = self.columns
        self.train = self.rows(ours["train"])
        begin, end = np.quantile(times, [0.70, 0.85])
        self.validation = self.rows(np.flatnonzero((times > begin) & (times <= end)))
        # A node's name in the file follows its number by one.
        self.negatives = ours["negatives"].astype(np.longlong) + 1
        shifts = MemoryModel.compute_src_dst_node_time_shifts(
            self.train.src_node_ids, self.train.dst_node_ids,
            self.train.node_interact_times)
        nodes = max(sources.max(), destinations.max()) + 1
        memory = MemoryModel.MemoryModel(
            np.zeros((nodes, WIDTH)), np.zeros((len(times) + 1, WIDTH)), None, TIME_WIDTH,
            "JODIE", 1, 2, 0.0, *shifts)
        decoder = modules.MergeLayer(WIDTH, WIDTH, WIDTH, 1)
        self.model = torch.nn.Sequential(memory, decoder)
        take_parameters(self.model, ours["parameters"])
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=options.learning_rate)
        self.loss = torch.nn.BCELoss()

    def rows(self, chosen):
        return self.data_class(*(column[chosen] for column in self.columns))

    def batches(self):
        return -(-len(self.train.src_node_ids) // BATCH)

    def train_steps(self, steps):
        """Returns the loss of each of an epoch's first batches."""
        self.model.train()
        memory, decoder = self.model
        memory.memory_bank.__init_memory_bank__()
        losses = []
        for step in range(steps):
            at = slice(step * BATCH, (step + 1) * BATCH)
            scores = []
            sources, times = self.train.src_node_ids[at], self.train.node_interact_times[at]
            # As DyGLib: events last, for they change the states.
            for destinations, positive in ((self.negatives[at], False),
                                           (self.train.dst_node_ids[at], True)):
                ends = memory.compute_src_dst_node_temporal_embeddings(
                    sources, destinations, times, self.train.edge_ids[at], positive)
                scores.insert(0, decoder(*ends).squeeze(-1).sigmoid())
            labels = torch.cat([torch.ones_like(scores[0]), torch.zeros_like(scores[1])])
            loss = self.loss(torch.cat(scores), labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            memory.memory_bank.detach_memory_bank()
            losses.append(loss.item())
        return np.array(losses)

    def validate(self):
        """Returns AP and AUC, means over batches."""
        from evaluate_models_utils import evaluate_model_link_prediction
        from utils.utils import NegativeEdgeSampler
        sampler = NegativeEdgeSampler(self.columns[0], self.columns[1], seed=0)
        count = len(self.validation.src_node_ids)
        loader = self.loader(list(range(count)), BATCH, shuffle=False)
        _, metrics = evaluate_model_link_prediction(
            "JODIE", self.model, None, loader, sampler, self.validation, self.loss)
        return np.array([np.mean([each[name] for each in metrics])
                         for name in ("average_precision", "roc_auc")])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dyglib", required=True, help="folder of DyGLib's program")
    parser.add_argument("--data", required=True, help="ml_X.csv without features")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--tolerance", type=float, default=1e-3,
                        help="relative, of a loss")
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--validate", action="store_true",
                        help="train the whole epoch and compare its validation")
    parser.add_argument("--figure-tolerance", type=float, default=0.02,
                        help="absolute, of AP and AUC")
    parser.add_argument("--verbose", action="store_true", help="print every step")
    parser.add_argument("--tool", default=HERE.parent / "build/bin/orcinus-bench-losses")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours = run_orcinus(options, pathlib.Path(folder))
    original = Original(options, ours)
    steps = original.batches() if options.validate else options.steps
    theirs = original.train_steps(steps)[:options.steps]
    difference = np.abs(ours["losses"] - theirs) / np.abs(theirs)
    if options.verbose:
        for step, values in enumerate(zip(ours["losses"], theirs, difference), 1):
            print("{:4d} {:.7f} {:.7f} {:.1e}".format(step, *values))
    print(f"{len(theirs)} steps: largest relative difference {difference.max():.2e}")
    if options.validate:
        figures = original.validate()
        print("validation AP and AUC: {:.6f} {:.6f} and {:.6f} {:.6f}".format(
            *ours["validation"], *figures))
    if difference.max() > options.tolerance:
        sys.exit(f"losses differ by more than {options.tolerance:g}")
    if options.validate and np.abs(ours["validation"] - figures).max() > \
            options.figure_tolerance:
        sys.exit(f"figures differ by more than {options.figure_tolerance:g}")


if __name__ == "__main__":
    main()
