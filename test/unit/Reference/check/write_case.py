#!/usr/bin/env python3
# ===- write_case.py - A small TGN run of PyTorch, as text -----------------===//
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===//
"""write_case.py pytorch_tgn.py > case.txt: runs a few steps of the PyTorch
baseline on a small random stream, without optimizer, and prints all that
PyTorchTest.cpp needs to repeat it: records of a keyword, a name, a count and
values. Exits with 77 where torch is missing."""

import argparse
import importlib.util
import sys

try:
    import numpy as np
    import torch
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(77)

NODES, EVENTS, FEATURES, BATCH, NEIGHBOURS = 9, 60, 3, 5, 3
# The elements of the last step's gradients that are compared.
GRADIENTS = {
    "embed1.query": 57,
    "embed1.key": 20450,
    "embed1.value": 123,
    "embed1.output_bias": 3,
    "embed1.scale": 42,
    "embed2.query": 20100,
    "embed2.key": 345,
    "embed2.hidden": 29950,
    "embed2.shift": 7,
    "memory.input": 250,
    "memory.state": 15250,
    "memory.state_bias": 250,
    "link.hidden": 1234,
    "link.result_bias": 0,
}


def write(keyword, name, values):
    values = np.asarray(values).ravel()
    print(keyword, name, len(values), *(f"{float(v):.17g}" for v in values))


def main():
    specification = importlib.util.spec_from_file_location("baseline", sys.argv[1])
    baseline = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(baseline)
    torch.set_num_threads(1)

    generator = np.random.default_rng(7)
    stream = baseline.EventStream(
        np.concatenate([np.arange(NODES), generator.integers(0, NODES, EVENTS)]),
        np.concatenate([np.arange(NODES), generator.integers(0, NODES, EVENTS)]),
        # Ties, and time differences both small and large.
        np.sort(generator.choice([0, 1, 5, 70, 9000, 10**6, 16 * 10**6], EVENTS + NODES)
                + generator.integers(0, 4, EVENTS + NODES)).astype(np.float64),
        generator.normal(size=(EVENTS + NODES, FEATURES)).astype(np.float32),
    )
    options = argparse.Namespace(
        layers=2,
        neighbours=NEIGHBOURS,
        seed=3,
        threads=1,
        project="queries",
        dropout=0.0,
        dropout_at=set(),
    )
    model = baseline.Model(stream, options)
    for name, parameter in model.parameters.items():
        if name.endswith(("bias", "scale", "shift")):
            noise = generator.normal(size=parameter.shape, scale=0.2)
            parameter.data += torch.from_numpy(noise.astype(np.float32))

    write("source", "-", stream.source)
    write("destination", "-", stream.destination)
    write("time", "-", stream.time)
    write("features", "-", stream.edge_features)
    for name, parameter in model.parameters.items():
        write("shape", name, parameter.shape)
        write("parameter", name, parameter.detach().numpy())

    events = np.arange(len(stream))
    graph = baseline.TemporalGraph(stream, events)
    for part in baseline.batches(events, BATCH):
        negatives = generator.integers(0, NODES, len(events[part]))
        step = baseline.Step(
            graph, stream, events[part], negatives, NEIGHBOURS, options.layers
        )
        logits = model.logits(step)
        labels = torch.zeros_like(logits)
        labels[: len(negatives)] = 1
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
        model.commit(step)
        write("events", "-", events[part])
        write("negatives", "-", negatives)
        write("logits", "-", logits.detach().numpy())
    loss.backward()
    for name, index in GRADIENTS.items():
        write(
            "gradient", name, [index, model.parameters[name].grad.view(-1)[index]]
        )


if __name__ == "__main__":
    main()
