#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make_tgn.py tgn|tgat BENCH FOLDER [FOUND...]: an inference step of the models
in bench/pytorch_tgn.py, exported by torch-mlir, with its inputs and PyTorch's
result; or compares what was FOUND with that result.

Index work (targets, sampling, frontiers) is done in PyTorch, as Orcinus does it
on the host; what is exported is the dense work on its tables."""

import pathlib
import sys
import types

import numpy
import torch

kind, bench, folder, *found = sys.argv[1:]
folder = pathlib.Path(folder)
sys.path.insert(0, bench)
import pytorch_tgn  # noqa: E402

expected_path = folder / f"{kind}.expected.npy"
for name in found:
    expected = numpy.load(expected_path)
    difference = abs(numpy.load(folder / name) - expected).max() / abs(expected).max()
    if not difference <= 1e-4:
        sys.exit(f"{name} is off by {difference}")
    print(f"{name} is right")
if found:
    sys.exit()


def random_stream(nodes=60, events=400, edge_width=12):
    numbers = numpy.random.default_rng(3)
    times = numpy.sort(numbers.integers(0, 5000, events)).astype(float)
    features = numbers.standard_normal((events, edge_width)).astype(numpy.float32)
    return pytorch_tgn.EventStream(numbers.integers(0, nodes, events),
                                   numbers.integers(0, nodes, events), times, features)


class ExportedStep(torch.nn.Module):
    """The logits of one batch from its tables."""

    def __init__(self, model):
        super().__init__()
        self.model = [model]  # Not a part of this module.
        self.names = list(model.parameters)
        self.weights = torch.nn.ParameterList(
            [torch.nn.Parameter(each.detach(), requires_grad=False)
             for each in model.parameters.values()])
        self.register_buffer("frequencies", model.frequencies)

    def forward(self, states, messages, deltas, pending, target_rows, *tables):
        model = self.model[0]
        model.parameters = dict(zip(self.names, self.weights))
        model.frequencies = self.frequencies
        model.edge_features = tables[-1]
        weight = model.parameters
        if messages.shape[1]:
            encoded = torch.cos(deltas.unsqueeze(-1) * self.frequencies)
            fresh = torch.gru_cell(torch.cat([messages, encoded], 1), states,
                                   weight["memory.input"].t(), weight["memory.state"].t(),
                                   weight["memory.input_bias"], weight["memory.state_bias"])
            states = torch.where(pending.unsqueeze(1), fresh, states)
        blocks = []
        for at in range(0, len(tables) - 1, 6):
            names = ("self_rows", "neighbour_rows", "events", "deltas", "valid", "isolated")
            blocks.append(types.SimpleNamespace(**dict(zip(names, tables[at:at + 6]))))
        model.updated_states = lambda nodes: states
        return model.logits(types.SimpleNamespace(state_nodes=None, blocks=blocks,
                                                  target_rows=target_rows))


def main():
    torch.manual_seed(0)
    stream = random_stream()
    options = types.SimpleNamespace(layers=1 if kind == "tgn" else 2, seed=5, threads=1,
                                    dropout=0.0, dropout_at=(), project="neighbours")
    model = pytorch_tgn.Model(stream, options)
    model.training = False
    graph = pytorch_tgn.TemporalGraph(stream, numpy.arange(len(stream)))
    numbers = numpy.random.default_rng(4)

    def step_of(begin, end):
        events = numpy.arange(begin, end)
        return pytorch_tgn.Step(graph, stream, events,
                                numbers.integers(0, stream.node_count, end - begin), 10,
                                options.layers)

    with torch.no_grad():
        if kind == "tgn":
            for begin in range(0, 300, 50):
                step = step_of(begin, begin + 50)
                model.logits(step)
                model.commit(step)
        else:
            # Features of nodes in the place of states.
            model.state.normal_()
        step = step_of(300, 332)
        expected = model.logits(step).numpy()
        nodes = step.state_nodes
        pending = model.pending[nodes]
        messages = torch.zeros(len(nodes), 0)
        if kind == "tgn":
            messages = torch.cat([model.message[torch.from_numpy(nodes)], model.edge_features[
                torch.from_numpy(model.message_event[nodes])]], 1)
        inputs = [model.state[torch.from_numpy(nodes)], messages,
                  torch.from_numpy(model.message_delta[nodes]), torch.from_numpy(pending),
                  torch.as_tensor(step.target_rows)]
        for block in step.blocks:
            inputs += [torch.as_tensor(each) for each in
                       (block.self_rows, block.neighbour_rows, block.events, block.deltas,
                        block.valid, block.isolated)]
        inputs.append(model.edge_features)
        inputs = [each.clone().contiguous() for each in inputs]
        exported = ExportedStep(model).eval()
        again = exported(*inputs).numpy()
        if not numpy.allclose(again, expected, 1e-5, 1e-6):
            sys.exit("the step on tables is another")
        from torch_mlir import fx
        module = fx.export_and_import(exported, *inputs, output_type="raw", func_name=kind)
    (folder / f"{kind}.torch.mlir").write_text(str(module))
    numpy.save(expected_path, expected)
    for at, each in enumerate(inputs):
        numpy.save(folder / f"{kind}.{at}.npy", each.numpy())
    print(" ".join(f"--input {folder}/{kind}.{at}.npy" for at in range(len(inputs))))


main()
