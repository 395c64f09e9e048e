#!/usr/bin/env python3
# ===- pytorch_tgn.py - The TGN baseline in PyTorch ------------------------===//
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------===//
"""Trains the temporal graph network that Orcinus compiles, in PyTorch.

It computes what models/tgn.mlir computes: from the same initial weights and
negatives, with dropout off, the losses agree. It is written as a fair
competitor on a CPU: no Python loop over queries, deduplicated (node, time)
frontiers, states read once per distinct node, and the projections of keys and
values split so that each distinct embedding is projected once.

Needs torch and numpy only.
"""

import argparse
import concurrent.futures
import ctypes
import json
import math
import os
import sys
import time

# Torch's and OpenBLAS's threads share the cores: one kind must not spin while
# the other works.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
import torch.nn.functional as functional

WIDTH = 100  # of the state, the embeddings and the time encoding
HEADS = 2


# ---------------------------------------------------------------------------
# Events
# ---------------------------------------------------------------------------


class EventStream:
    """Events in order of time over dense node ids (ascending external ids)."""

    def __init__(self, source, destination, times, edge_features):
        self.external_ids, dense = np.unique(
            np.concatenate([source, destination]), return_inverse=True
        )
        dense = dense.astype(np.int64)
        self.source, self.destination = dense[: len(source)], dense[len(source) :]
        self.time = times
        self.edge_features = edge_features
        self.node_count = len(self.external_ids)
        self.distinct_times, self.time_rank = np.unique(times, return_inverse=True)

    def __len__(self):
        return len(self.time)


def load_events(path):
    """Loads plain text `u i t`, or a DyGLib csv with its edge features."""
    if path.endswith(".csv"):
        table = np.loadtxt(path, delimiter=",", skiprows=1)
        source, destination, times = table[:, 1], table[:, 2], table[:, 3]
        features_path = path[: -len(".csv")] + ".npy"
        if not os.path.exists(features_path):
            sys.exit(f"{features_path}: the csv's edge features are missing")
        features = np.load(features_path)
        features = features[table[:, 5].astype(np.int64)].astype(np.float32)
    else:
        table = np.loadtxt(path)
        source, destination, times = table[:, 0], table[:, 1], table[:, 2]
        features = np.zeros((len(table), 0), np.float32)
    if np.any(np.diff(times) < 0):
        sys.exit(f"{path}: the events are not sorted by time")
    return EventStream(
        source.astype(np.int64), destination.astype(np.int64), times, features
    )


class Split:
    """Train, validation and test by time, with masked nodes."""

    def __init__(self, stream, mask_fraction, seed):
        train_cut, validation_cut = np.quantile(stream.time, [0.70, 0.85])
        early = stream.time <= train_cut
        middle = ~early & (stream.time <= validation_cut)
        late_nodes = np.unique(
            np.concatenate([stream.source[~early], stream.destination[~early]])
        )
        masked = np.zeros(stream.node_count, bool)
        count = min(int(mask_fraction * stream.node_count), len(late_nodes))
        generator = np.random.default_rng(seed)
        masked[generator.choice(late_nodes, count, replace=False)] = True
        touches_masked = masked[stream.source] | masked[stream.destination]
        self.train = np.flatnonzero(early & ~touches_masked)
        self.validation = np.flatnonzero(middle)
        self.test = np.flatnonzero(~early & ~middle)
        seen = np.zeros(stream.node_count, bool)
        seen[stream.source[self.train]] = True
        seen[stream.destination[self.train]] = True
        self.inductive = ~(seen[stream.source] & seen[stream.destination])


# ---------------------------------------------------------------------------
# Sampling
# ---------------------------------------------------------------------------


class TemporalGraph:
    """Temporal adjacency in compressed rows, with a vectorized search.

    An entry's key is node · (distinct times + 1) + rank of its time, so that
    the keys ascend and one searchsorted answers all queries of a batch.
    """

    def __init__(self, stream, events):
        nodes = np.stack([stream.source[events], stream.destination[events]], 1)
        others = nodes[:, ::-1].ravel()
        nodes = nodes.ravel()
        entry_events = np.repeat(events, 2)
        order = np.argsort(nodes, kind="stable")
        self.stride = len(stream.distinct_times) + 1
        self.neighbours = others[order]
        self.events = entry_events[order]
        self.times = stream.time[self.events]
        self.keys = nodes[order] * self.stride + stream.time_rank[self.events]
        counts = np.bincount(nodes, minlength=stream.node_count)
        self.offsets = np.concatenate([[0], np.cumsum(counts)])

    def sample_recent(self, nodes, ranks, times, k):
        """The k most recent entries before each query: nodes, events, time
        deltas [Q, k] and validity, the valid ones first and ascending."""
        ends = np.searchsorted(self.keys, nodes * self.stride + ranks)
        begins = np.maximum(self.offsets[nodes], ends - k)
        entries = begins[:, None] + np.arange(k)
        valid = entries < ends[:, None]
        entries[~valid] = 0
        deltas = (times[:, None] - self.times[entries]).astype(np.float32)
        deltas[~valid] = 0
        return self.neighbours[entries], self.events[entries], deltas, valid


class Frontier:
    """Queries (node, time), deduplicated."""

    def __init__(self, nodes, ranks, stride):
        distinct, self.inverse = np.unique(nodes * stride + ranks, return_inverse=True)
        self.nodes, self.ranks = np.divmod(distinct, stride)


class Block:
    """The index work of one layer: its queries and their neighbourhoods."""

    def __init__(self, graph, stream, nodes, ranks, k):
        self.nodes, self.ranks = nodes, ranks
        sample = graph.sample_recent(nodes, ranks, stream.distinct_times[ranks], k)
        self.neighbours, events, deltas, valid = sample
        self.events = torch.from_numpy(events)
        self.deltas = torch.from_numpy(deltas)
        self.valid = torch.from_numpy(valid)
        self.valid_mask = valid
        self.isolated = ~self.valid[:, 0]


def build_blocks(graph, stream, nodes, ranks, k, layers):
    """Blocks of all layers, the outermost last, and the distinct nodes that
    the innermost one reads. Each block gets, in its input, the rows of its
    queries (`self_rows`) and of its neighbours (`neighbour_rows`)."""
    targets = Frontier(nodes, ranks, graph.stride)
    blocks = [Block(graph, stream, targets.nodes, targets.ranks, k)]
    for _ in range(layers - 1):
        outer = blocks[0]
        inner = Frontier(
            np.concatenate([outer.nodes, outer.neighbours[outer.valid_mask]]),
            np.concatenate(
                [outer.ranks, np.repeat(outer.ranks, outer.valid_mask.sum(1))]
            ),
            graph.stride,
        )
        link_rows(outer, inner.inverse)
        blocks.insert(0, Block(graph, stream, inner.nodes, inner.ranks, k))
    innermost = blocks[0]
    reads = np.concatenate(
        [innermost.nodes, innermost.neighbours[innermost.valid_mask]]
    )
    present = np.zeros(stream.node_count, bool)
    present[reads] = True
    state_nodes = np.flatnonzero(present)
    row_of_node = np.empty(stream.node_count, np.int64)
    row_of_node[state_nodes] = np.arange(len(state_nodes))
    link_rows(innermost, row_of_node[reads])
    return blocks, targets.inverse, state_nodes, row_of_node


def link_rows(block, rows):
    queries = len(block.nodes)
    neighbour_rows = np.zeros(block.valid_mask.shape, np.int64)
    neighbour_rows[block.valid_mask] = rows[queries:]
    block.self_rows = torch.from_numpy(rows[:queries])
    block.neighbour_rows = torch.from_numpy(neighbour_rows)


# ---------------------------------------------------------------------------
# The model
# ---------------------------------------------------------------------------


def time_frequencies(width):
    exponents = -9.0 * np.arange(width) / (width - 1)
    return torch.from_numpy(np.power(10.0, exponents).astype(np.float32))


def encode_time(deltas, frequencies):
    return (deltas.unsqueeze(-1) * frequencies).cos_()


def parameter_shapes(layers, edge_width):
    key_width = 2 * WIDTH + edge_width
    shapes = {}
    for layer in range(1, layers + 1):
        prefix = f"embed{layer}."
        shapes[prefix + "query"] = (2 * WIDTH, HEADS * WIDTH)
        shapes[prefix + "query_bias"] = (HEADS * WIDTH,)
        shapes[prefix + "key"] = (HEADS, key_width, WIDTH)
        shapes[prefix + "value"] = (HEADS, key_width, WIDTH)
        shapes[prefix + "output"] = (HEADS * WIDTH, HEADS * WIDTH)
        shapes[prefix + "output_bias"] = (HEADS * WIDTH,)
        shapes[prefix + "hidden"] = (3 * WIDTH, WIDTH)
        shapes[prefix + "hidden_bias"] = (WIDTH,)
        shapes[prefix + "result"] = (WIDTH, WIDTH)
        shapes[prefix + "result_bias"] = (WIDTH,)
        shapes[prefix + "scale"] = (WIDTH,)
        shapes[prefix + "shift"] = (WIDTH,)
    shapes["memory.input"] = (3 * WIDTH + edge_width, 3 * WIDTH)
    shapes["memory.input_bias"] = (3 * WIDTH,)
    shapes["memory.state"] = (WIDTH, 3 * WIDTH)
    shapes["memory.state_bias"] = (3 * WIDTH,)
    shapes["link.hidden"] = (2 * WIDTH, WIDTH)
    shapes["link.hidden_bias"] = (WIDTH,)
    shapes["link.result"] = (WIDTH, 1)
    shapes["link.result_bias"] = (1,)
    return shapes


def initial_parameters(layers, edge_width, seed):
    generator = np.random.default_rng(seed)
    parameters = {}
    for name, shape in parameter_shapes(layers, edge_width).items():
        if name.startswith("memory."):
            bound = 1 / math.sqrt(WIDTH)
        elif len(shape) == 1:
            bound = 0
        else:
            bound = math.sqrt(6 / (shape[-2] + shape[-1]))
        value = generator.uniform(-bound, bound, shape).astype(np.float32)
        if name.endswith(".scale"):
            value[:] = 1
        parameters[name] = torch.from_numpy(value).requires_grad_()
    return parameters


class BatchedProduct:
    """torch.bmm on several threads: without MKL it uses one."""

    def __init__(self, threads):
        self.threads = threads
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)

    def __call__(self, left, right):
        if self.threads == 1 or len(left) < self.threads:
            return torch.bmm(left, right)
        result = left.new_empty(len(left), left.shape[1], right.shape[2])
        size = math.ceil(len(left) / self.threads)
        parts = zip(left.split(size), right.split(size), result.split(size))
        for _ in self.pool.map(self.multiply, parts):
            pass
        return result

    @staticmethod
    @torch.no_grad()
    def multiply(part):
        left, right, result = part
        torch.bmm(left, right, out=result)


class NeighbourAttention(torch.autograd.Function):
    """Σ_j dropout(softmax_j(q · x_j)) x_j with x = [inputs[row] ‖ edge], for
    each query and head. Its own function, because autograd would run each
    gradient of x as a product of its own and keep more intermediates."""

    @staticmethod
    def forward(context, product, query, inputs, rows, edges, valid, dropout):
        neighbours = torch.cat([functional.embedding(rows, inputs), edges], -1)
        scores = product(query, neighbours.transpose(1, 2))
        scores.masked_fill_(~valid.unsqueeze(1), -1e30)
        attention = torch.softmax(scores, -1)
        kept = None
        if dropout:
            kept = torch.empty_like(attention).bernoulli_(1 - dropout)
            kept.div_(1 - dropout)
        weights = attention if kept is None else attention * kept
        context.save_for_backward(query, neighbours, rows, attention, kept, weights)
        context.product = product
        context.inputs_shape = inputs.shape
        return product(weights, neighbours)

    @staticmethod
    def backward(context, gradient):
        query, neighbours, rows, attention, kept, weights = context.saved_tensors
        product = context.product
        row_count, width = context.inputs_shape
        of_attention = product(gradient, neighbours.transpose(1, 2))
        if kept is not None:
            of_attention.mul_(kept)
        of_scores = torch.ops.aten._softmax_backward_data(
            of_attention, attention, -1, attention.dtype
        )
        of_query = product(of_scores, neighbours)
        # x is read twice, for the scores and for the sum: one product for both.
        of_neighbours = product(
            torch.cat([of_scores, weights], 1).transpose(1, 2),
            torch.cat([query[:, :, :width], gradient[:, :, :width]], 1),
        )
        of_inputs = torch.ops.aten.embedding_dense_backward(
            of_neighbours, rows, row_count, -1, False
        )
        return None, of_query, of_inputs, None, None, None, None


class Model:
    """Parameters by name, node states, and one step's computation."""

    def __init__(self, stream, options):
        self.layers = options.layers
        self.options = options
        self.edge_features = torch.from_numpy(stream.edge_features)
        self.edge_width = stream.edge_features.shape[1]
        self.parameters = initial_parameters(
            options.layers, self.edge_width, options.seed
        )
        self.frequencies = time_frequencies(WIDTH)
        self.batched_product = BatchedProduct(options.threads)
        self.training = True
        nodes = stream.node_count
        self.state = torch.zeros(nodes, WIDTH)
        self.message = torch.zeros(nodes, 2 * WIDTH)
        self.message_event = np.zeros(nodes, np.int64)
        self.message_delta = np.zeros(nodes, np.float32)
        self.message_time = np.zeros(nodes)
        self.last_update = np.zeros(nodes)
        self.pending = np.zeros(nodes, bool)

    def reset_state(self):
        self.state.zero_()
        self.last_update[:] = 0
        self.pending[:] = False

    def dropout(self, values, place):
        if place not in self.options.dropout_at:
            return values
        return functional.dropout(values, self.options.dropout, self.training)

    def updated_states(self, nodes):
        """The states of `nodes`, pending messages applied; [F, width]."""
        states = self.state[torch.from_numpy(nodes)]
        rows = np.flatnonzero(self.pending[nodes])
        if len(rows) == 0:
            return states
        senders = nodes[rows]
        senders_index = torch.from_numpy(senders)
        message = [self.message[senders_index]]
        if self.edge_width:
            events = torch.from_numpy(self.message_event[senders])
            message.append(self.edge_features[events])
        deltas = torch.from_numpy(self.message_delta[senders])
        message.append(encode_time(deltas, self.frequencies))
        rows = torch.from_numpy(rows)
        fresh = torch.gru_cell(
            torch.cat(message, 1),
            states[rows],
            self.parameters["memory.input"].t(),
            self.parameters["memory.state"].t(),
            self.parameters["memory.input_bias"],
            self.parameters["memory.state_bias"],
        )
        return states.index_copy(0, rows, fresh)

    def edge_inputs(self, block):
        """[e ‖ φ(t − τ)] of each neighbour; [Q, k, E + width], constant."""
        encoded = encode_time(block.deltas, self.frequencies)
        if not self.edge_width:
            return encoded
        return torch.cat([self.edge_features[block.events], encoded], -1)

    def attend_projecting_neighbours(self, weight, query, block, inputs):
        """The usual form: a key and a value for each neighbour. The share of
        h in them is projected once a distinct row, then gathered."""
        queries, k = block.neighbour_rows.shape
        edges = self.edge_inputs(block).view(queries * k, -1)

        def project(matrices):
            matrix = matrices.transpose(0, 1).reshape(-1, HEADS * WIDTH)
            projected = functional.embedding(
                block.neighbour_rows.view(-1), inputs @ matrix[:WIDTH]
            )
            projected = torch.addmm(projected, edges, matrix[WIDTH:])
            return projected.view(queries, k, HEADS, WIDTH)

        query = query.view(queries, 1, HEADS, WIDTH) / math.sqrt(WIDTH)
        scores = (query * project(weight("key"))).sum(-1).transpose(1, 2)
        scores = scores.masked_fill(~block.valid.unsqueeze(1), -1e30)
        attention = self.dropout(torch.softmax(scores, -1), "attention")
        attention = attention.transpose(1, 2).unsqueeze(-1)
        attended = (attention * project(weight("value"))).sum(1)
        return attended.view(queries, HEADS * WIDTH)

    def attend_projecting_queries(self, weight, query, block, inputs):
        """q·(x Wk) = x·(q Wkᵀ) and Σ a (x Wv) = (Σ a x) Wv: the projections
        run once a query instead of once a neighbour."""
        queries = len(query)
        query = (query / math.sqrt(WIDTH)).view(queries, HEADS, WIDTH)
        query = torch.bmm(query.transpose(0, 1), weight("key").transpose(1, 2))
        dropout = self.options.dropout if self.training else 0.0
        mixed = NeighbourAttention.apply(
            self.batched_product,
            query.transpose(0, 1),
            inputs,
            block.neighbour_rows,
            self.edge_inputs(block),
            block.valid,
            dropout if "attention" in self.options.dropout_at else 0.0,
        ).transpose(0, 1)
        attended = torch.bmm(mixed, weight("value")).transpose(0, 1)
        return attended.reshape(queries, HEADS * WIDTH)

    def layer(self, index, block, inputs):
        """h^l of the block's queries from the rows of h^(l-1)."""

        def weight(name):
            return self.parameters[f"embed{index}.{name}"]

        own = functional.embedding(block.self_rows, inputs)
        # φ(0) is all ones: its share of the query projection is a constant.
        query_bias = weight("query_bias") + weight("query")[WIDTH:].sum(0)
        query = torch.addmm(query_bias, own, weight("query")[:WIDTH])
        attend = getattr(self, "attend_projecting_" + self.options.project)
        attended = attend(weight, query, block, inputs)
        attended = torch.addmm(weight("output_bias"), attended, weight("output"))
        attended = self.dropout(attended, "output")
        attended = attended.masked_fill(block.isolated.unsqueeze(-1), 0)

        hidden = torch.addmm(
            weight("hidden_bias"), torch.cat([attended, own], 1), weight("hidden")
        ).relu_()
        hidden = self.dropout(hidden, "hidden")
        result = torch.addmm(weight("result_bias"), hidden, weight("result"))
        result = functional.layer_norm(
            result, (WIDTH,), weight("scale"), weight("shift"), 1e-5
        )
        return self.dropout(result, "result")

    def logits(self, step):
        """The logits of the batch's events, then of their negatives; [2B]."""
        self.fresh_states = self.updated_states(step.state_nodes)
        rows = self.fresh_states
        for index, block in enumerate(step.blocks, 1):
            rows = self.layer(index, block, rows)
        source, destination, negative = rows[step.target_rows].chunk(3)
        pairs = torch.cat(
            [
                torch.cat([source, destination], 1),
                torch.cat([source, negative], 1),
            ]
        )
        hidden = torch.addmm(
            self.parameters["link.hidden_bias"], pairs, self.parameters["link.hidden"]
        ).relu_()
        hidden = self.dropout(hidden, "link")
        return torch.addmm(
            self.parameters["link.result_bias"], hidden, self.parameters["link.result"]
        ).squeeze(1)

    def commit(self, step):
        """Writes back the endpoints' states and leaves their new messages."""
        nodes = step.commit_nodes
        rows = torch.from_numpy(step.row_of_node[nodes])
        others = torch.from_numpy(step.row_of_node[step.commit_others])
        fresh = self.fresh_states.detach()
        nodes_index = torch.from_numpy(nodes)
        self.state[nodes_index] = fresh[rows]
        self.message[nodes_index] = torch.cat([fresh[rows], fresh[others]], 1)
        applied = nodes[self.pending[nodes]]
        self.last_update[applied] = self.message_time[applied]
        self.message_event[nodes] = step.commit_events
        self.message_time[nodes] = step.commit_times
        self.message_delta[nodes] = step.commit_times - self.last_update[nodes]
        self.pending[nodes] = True


class Step:
    """The index work of one batch; depends on no weight and no state."""

    def __init__(self, graph, stream, events, negatives, k, layers):
        source, destination = stream.source[events], stream.destination[events]
        built = build_blocks(
            graph,
            stream,
            np.concatenate([source, destination, negatives]),
            np.tile(stream.time_rank[events], 3),
            k,
            layers,
        )
        self.blocks, target_rows, self.state_nodes, self.row_of_node = built
        self.target_rows = torch.from_numpy(target_rows)
        # The latest event of each endpoint: the first one in reversed order.
        endpoints = np.stack([source, destination], 1)[::-1]
        others = endpoints[:, ::-1].ravel()
        self.commit_nodes, first = np.unique(endpoints.ravel(), return_index=True)
        self.commit_others = others[first]
        self.commit_events = np.repeat(events[::-1], 2)[first]
        self.commit_times = stream.time[self.commit_events]


# ---------------------------------------------------------------------------
# Metrics
# ---------------------------------------------------------------------------


def average_precision(positive, negative):
    scores = np.concatenate([positive, negative])
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(order < len(positive))
    last_of_tie = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    precision = hits[last_of_tie] / (last_of_tie + 1)
    recall = np.diff(hits[last_of_tie], prepend=0) / len(positive)
    return float(np.sum(precision * recall))


def area_under_curve(positive, negative):
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, "left")
    not_above = np.searchsorted(negative, positive, "right")
    return float(np.mean(below + not_above) / (2 * len(negative)))


# ---------------------------------------------------------------------------
# Training
# ---------------------------------------------------------------------------


def batches(events, size):
    for begin in range(0, len(events), size):
        yield slice(begin, min(begin + size, len(events)))


def evaluate(model, graph, stream, events, negatives, inductive, options):
    """Mean AP and AUC over batches of 200, and the AP over their inductive
    events alone (batches without one are left out)."""
    model.training = False
    precisions, areas, inductive_precisions = [], [], []
    with torch.no_grad():
        for part in batches(events, 200):
            step = Step(
                graph,
                stream,
                events[part],
                negatives[part],
                options.neighbours,
                options.layers,
            )
            scores = model.logits(step).numpy()
            model.commit(step)
            positive, negative = np.split(scores, 2)
            precisions.append(average_precision(positive, negative))
            areas.append(area_under_curve(positive, negative))
            new = inductive[events[part]]
            if new.any():
                inductive_precisions.append(
                    average_precision(positive[new], negative[new])
                )
    model.training = True
    inductive_ap = (
        float(np.mean(inductive_precisions)) if inductive_precisions else None
    )
    return float(np.mean(precisions)), float(np.mean(areas)), inductive_ap


def choose_others(generator, candidates, own):
    """One candidate for each own destination, another one where there is any."""
    drawn = generator.integers(len(candidates), size=own.shape)
    if len(candidates) > 1:
        others = generator.integers(len(candidates) - 1, size=own.shape)
        others += others >= drawn
        drawn = np.where(candidates[drawn] == own, others, drawn)
    return candidates[drawn]


def draw_negatives(stream, split, options):
    """Training negatives [epochs, train events] and validation negatives."""
    if options.load_negatives:
        train = np.load(options.load_negatives).astype(np.int64)
        train = train.reshape(-1, len(split.train))
        if len(train) < options.epochs:
            sys.exit(f"{options.load_negatives}: too few epochs of negatives")
    else:
        candidates = np.unique(stream.destination[split.train])
        generator = np.random.default_rng([options.seed, 1])
        own = np.tile(stream.destination[split.train], (options.epochs, 1))
        train = choose_others(generator, candidates, own)
    generator = np.random.default_rng([options.seed, 2])
    validation = choose_others(
        generator,
        np.unique(stream.destination),
        stream.destination[split.validation],
    )
    return train, validation


def train(options):
    stream = load_events(options.data)
    split = Split(stream, options.mask_nodes, options.seed)
    model = Model(stream, options)
    if options.load_initial:
        with np.load(options.load_initial) as arrays:
            for name, parameter in model.parameters.items():
                parameter.data.copy_(torch.from_numpy(arrays[name]))
    if options.dump_initial:
        arrays = {n: p.detach().numpy() for n, p in model.parameters.items()}
        np.savez(options.dump_initial, **arrays)
    train_negatives, validation_negatives = draw_negatives(stream, split, options)
    if options.dump_negatives:
        np.save(options.dump_negatives, train_negatives.astype(np.int32))

    train_graph = TemporalGraph(stream, split.train)
    full_graph = TemporalGraph(stream, np.arange(len(stream)))
    optimizer = torch.optim.Adam(list(model.parameters.values()), lr=options.lr)
    losses_file = open(options.losses, "w") if options.losses else None
    steps_left = options.steps if options.steps else sys.maxsize

    for epoch in range(options.epochs):
        model.reset_state()
        losses, step_seconds = [], []
        begin = time.perf_counter()
        for part in batches(split.train, options.batch_size):
            step_begin = time.perf_counter()
            step = Step(
                train_graph,
                stream,
                split.train[part],
                train_negatives[epoch][part],
                options.neighbours,
                options.layers,
            )
            logits = model.logits(step)
            labels = torch.zeros_like(logits)
            labels[: len(labels) // 2] = 1
            loss = functional.binary_cross_entropy_with_logits(logits, labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            # In the first step no message is pending: the GRU's gradient is
            # zero, and Adam counts the step for it as for any parameter.
            for parameter in model.parameters.values():
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
            optimizer.step()
            model.commit(step)
            losses.append(loss.item())
            step_seconds.append(time.perf_counter() - step_begin)
            if losses_file:
                print(f"{losses[-1]:.8g}", file=losses_file, flush=True)
            steps_left -= 1
            if steps_left == 0:
                break
        record = {
            "event": "epoch",
            "epoch": epoch + 1,
            "train_seconds": time.perf_counter() - begin,
            "train_loss": float(np.mean(losses)),
            "batches": len(losses),
            "median_step_seconds": float(np.median(step_seconds)),
        }
        if steps_left > 0:
            begin = time.perf_counter()
            ap, auc, inductive_ap = evaluate(
                model,
                full_graph,
                stream,
                split.validation,
                validation_negatives,
                split.inductive,
                options,
            )
            record["val_seconds"] = time.perf_counter() - begin
            record["val_ap"], record["val_auc"] = ap, auc
            record["val_ap_inductive"] = inductive_ap
        print(json.dumps(record), flush=True)
        if steps_left == 0:
            break


def keep_freed_memory():
    """Makes glibc reuse large blocks rather than return them to the system:
    the page faults of fresh ones otherwise cost as much as the arithmetic."""
    allocation_limit, trim_threshold, mmap_threshold = 2**31 - 1, -1, -3
    libc = ctypes.CDLL("libc.so.6")
    libc.mallopt(mmap_threshold, 2**30)
    libc.mallopt(trim_threshold, allocation_limit)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="events: u i t, or DyGLib csv")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--batch-size", type=int, default=200)
    parser.add_argument("--neighbours", type=int, default=10)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument(
        "--project",
        choices=["queries", "neighbours"],
        default="queries",
        help="what attention projects: the two are equal up to rounding",
    )
    parser.add_argument("--dropout", type=float, default=0.4)
    parser.add_argument(
        "--dropout-at",
        default="attention",
        type=lambda text: set(text.split(",")),
        help="comma-separated places: attention, output, hidden, result, link",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mask-nodes", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="stop after this many steps")
    parser.add_argument("--dump-initial", metavar="FILE.npz")
    parser.add_argument("--load-initial", metavar="FILE.npz")
    parser.add_argument("--dump-negatives", metavar="FILE.npy")
    parser.add_argument("--load-negatives", metavar="FILE.npy")
    parser.add_argument("--losses", metavar="FILE", help="one loss a line")
    options = parser.parse_args()
    keep_freed_memory()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    train(options)


if __name__ == "__main__":
    main()
