#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares a model with DyGLib's program, which is in the folder --dyglib: losses
step by step from the same initial weights and negatives, dropout off, and with
--validate the figures of the validation after the epoch, by the protocol dyglib.
Exits 1 where a difference exceeds its tolerance. With --learning-rate 0,
parameters stay what they are, and the validation is of the same ones. Where the
two differ on purpose (docs/models.md), DyGLib's program is made to do as ours:
attention is zero where there is nothing to attend to, sequences are filled up to
their full length; the walks of cawn, eight in both, go to recent neighbours, for
nobody draws the same ones. Frequencies are fixed in both: the last bit of one that
is trained is a whole phase of a time long ago. Needs torch, numpy, pandas,
scikit-learn and tqdm."""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import pandas
import torch

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, TIME_WIDTH, BATCH, WALKS = 172, 100, 200, 8
TRAINS_FREQUENCIES = ("tcl", "dygformer", "cawn")


def model_of(options, folder):
    """The name of the model, or the file of its text where that differs."""
    if options.model not in TRAINS_FREQUENCIES:
        return options.model
    text = (HERE.parent / f"models/{options.model}.mlir").read_text()
    text = text.replace("time_frequencies shared", "time_frequencies fixed shared")
    if options.model == "cawn":
        text = re.sub(r"sample_by_interval (%\w+) k\(walks\) scale\(\S+\)",
                      r"sample \1 k(walks) policy(recent)", text)
        text = re.sub(r"walks = \d+", f"walks = {WALKS}", text)
    path = folder / f"{options.model}.mlir"
    path.write_text(text)
    return path


def run_orcinus(options, folder):
    """Losses, initial parameters, training events with their negatives, and the
    figures of the validation."""
    command = [options.tool, "--data", options.data,
               "--model", model_of(options, folder),
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


class Weights:
    """Our initial parameters, given to DyGLib's modules."""

    def __init__(self, arrays):
        self.arrays = arrays

    def take(self, parameter, name, change=None):
        """A matrix of ours is input by output, of PyTorch's output by input."""
        value = torch.from_numpy(self.arrays[name])
        value = change(value) if change else value.T if value.ndim == 2 else value
        with torch.no_grad():
            parameter.copy_(value)

    def linear(self, module, name, change=None):
        self.take(module.weight, name, change)
        self.take(module.bias, name + "_bias")

    def scale(self, module, prefix):
        self.take(module.weight, prefix + "scale")
        self.take(module.bias, prefix + "shift")

    def without_features(self, parameter, name, begin):
        """The columns of edge features, from `begin` on, stay what they are: the
        features are zero."""
        def widen(value):
            result = parameter.detach().clone()
            result[:, :begin] = value.T[:, :begin]
            result[:, result.shape[1] - (value.shape[0] - begin):] = value.T[:, begin:]
            return result
        self.take(parameter, name, widen)

    def time(self, encoder, fixed):
        """Frequencies are part of it: DyGLib rounds the powers of ten of single
        precision, and at a gap of months the last bit of one is a whole phase.
        Where phases are trained, `fixed` is false."""
        self.take(encoder.w.weight, "time.frequencies", lambda value: value[:, None])
        self.take(encoder.w.bias, "time.phases")
        encoder.w.weight.requires_grad = False
        encoder.w.bias.requires_grad = not fixed

    def decoder(self, module):
        self.linear(module.fc1, "link.hidden")
        self.linear(module.fc2, "link.result")

    def cell(self, module):
        own = torch.from_numpy(self.arrays["memory.input"]).T
        with torch.no_grad():
            module.weight_ih[:, :own.shape[1]].copy_(own)
        self.take(module.bias_ih, "memory.input_bias")
        self.take(module.weight_hh, "memory.state")
        self.take(module.bias_hh, "memory.state_bias")

    def attention(self, module, merge, prefix):
        self.take(module.query_projection.weight, prefix + "query")
        for name in ("key", "value"):
            projection = getattr(module, name + "_projection").weight
            heads = self.arrays[prefix + name]
            self.arrays["joined"] = np.concatenate(list(heads), axis=1)
            self.without_features(projection, "joined", WIDTH)
        self.linear(module.residual_fc, prefix + "output")
        self.scale(module.layer_norm, prefix)
        self.linear(merge.fc1, prefix + "hidden")
        self.linear(merge.fc2, prefix + "result")

    def both_directions(self, module, prefix, change=None):
        for suffix, direction in (("", "forward."), ("_reverse", "backward.")):
            for kind, name in (("ih", "input"), ("hh", "state")):
                self.take(getattr(module, f"weight_{kind}_l0{suffix}"),
                          prefix + direction + name, change if kind == "ih" else None)
                self.take(getattr(module, f"bias_{kind}_l0{suffix}"),
                          f"{prefix}{direction}{name}_bias")

    def transformers(self, model):
        """The channels of features, which are zero, the layers and the last map."""
        for name in ("node", "edge"):
            self.take(model.projection_layer[name].bias, f"tokens.{name}_bias")
        for number, module in enumerate(model.transformers, 1):
            self.transformer(module, f"layer{number}.")
        self.take(model.output_layer.weight, "summary.weight")
        self.take(model.output_layer.bias, "summary.bias")

    def transformer(self, module, prefix):
        attention = module.multi_head_attention
        # Three matrices, one below the other.
        self.take(attention.in_proj_weight, prefix + "attention",
                  lambda value: torch.cat([part.T for part in value.chunk(3)]))
        size = attention.in_proj_bias.shape[0] // 3
        with torch.no_grad():
            attention.in_proj_bias.zero_()
        self.take(attention.in_proj_bias[:size], prefix + "query_bias")
        self.take(attention.in_proj_bias[2 * size:], prefix + "value_bias")
        self.linear(attention.out_proj, prefix + "output")
        self.scale(module.norm_layers[0], prefix + "attention_")
        self.scale(module.norm_layers[1], prefix + "result_")
        self.linear(module.linear_layers[0], prefix + "hidden")
        self.linear(module.linear_layers[1], prefix + "result")


def attend_to_nothing(attention):
    """Makes an attention zero, before its output's map, where no place is
    valid."""
    forward = attention.forward

    def remember(*arguments, **named):
        masks = named.get("neighbor_masks", arguments[-1] if arguments else None)
        attention.empty = torch.from_numpy((masks == 0).all(axis=1))
        return forward(*arguments, **named)

    attention.forward = remember
    attention.residual_fc.register_forward_pre_hook(
        lambda module, inputs: inputs[0].masked_fill(attention.empty[:, None, None], 0))


class MemoryModel:
    """DyGLib's models with a state per node."""
    names = {"jodie": "JODIE", "dyrep": "DyRep", "tgn_dyglib": "TGN"}

    def make(self, original, name, weights):
        from models.MemoryModel import MemoryModel, compute_src_dst_node_time_shifts
        train = original.train
        shifts = compute_src_dst_node_time_shifts(
            train.src_node_ids, train.dst_node_ids, train.node_interact_times)
        memory = MemoryModel(original.node_features, original.edge_features,
                             original.sampler(train), TIME_WIDTH, self.names[name], 1, 2,
                             0.0, *shifts)
        weights.time(memory.time_encoder, fixed=True)
        weights.cell(memory.memory_updater.memory_updater)
        embedding = memory.embedding_module
        if name == "jodie":
            weights.take(embedding.linear_layer.weight, "project.weight")
            weights.take(embedding.linear_layer.bias, "project.bias")
        else:
            weights.attention(embedding.temporal_conv_layers[0],
                              embedding.merge_layers[0],
                              "attend." if name == "dyrep" else "embed1.")
            attend_to_nothing(embedding.temporal_conv_layers[0])
        return memory

    def begin_epoch(self, model):
        model.memory_bank.__init_memory_bank__()

    def embed(self, model, sources, destinations, times, events, positive):
        return model.compute_src_dst_node_temporal_embeddings(
            sources, destinations, times, events if positive else None, positive, 10)

    def end_step(self, model):
        model.memory_bank.detach_memory_bank()


class PlainModel:
    """DyGLib's models whose embeddings are of events alone."""
    names = {"graphmixer": "GraphMixer", "tcl": "TCL", "dygformer": "DyGFormer",
             "cawn": "CAWN"}

    def make(self, original, name, weights):
        features = original.node_features, original.edge_features
        sampler = original.sampler(original.train)
        if name == "cawn":
            return self.make_cawn(features, sampler, weights)
        if name == "graphmixer":
            return self.make_graphmixer(features, sampler, weights)
        if name == "tcl":
            return self.make_tcl(features, sampler, weights)
        return self.make_dygformer(features, sampler, weights)

    def make_graphmixer(self, features, sampler, weights):
        from models.GraphMixer import GraphMixer
        model = GraphMixer(*features, sampler, TIME_WIDTH, 20, 2, dropout=0.0)
        weights.time(model.time_encoder, fixed=True)
        weights.without_features(model.projection_layer.weight, "tokens.weight", 0)
        weights.take(model.projection_layer.bias, "tokens.bias")
        # DyGLib's last token is the latest event, our first one.
        for number, mixer in enumerate(model.mlp_mixers, 1):
            tokens, channels = f"mix{number}.tokens.", f"mix{number}.channels."
            net = mixer.token_feedforward.ffn
            flip = lambda value: value.flip(0)
            weights.take(mixer.token_norm.weight, tokens + "scale", flip)
            weights.take(mixer.token_norm.bias, tokens + "shift", flip)
            weights.linear(net[0], tokens + "hidden", lambda value: value.flip(0).T)
            weights.take(net[3].weight, tokens + "result", lambda value: value.flip(1).T)
            weights.take(net[3].bias, tokens + "result_bias", flip)
            weights.scale(mixer.channel_norm, channels)
            weights.linear(mixer.channel_feedforward.ffn[0], channels + "hidden")
            weights.linear(mixer.channel_feedforward.ffn[3], channels + "result")
        # Its other half reads features, which are zero.
        own = torch.from_numpy(weights.arrays["summary.weight"]).T
        with torch.no_grad():
            model.output_layer.weight[:, :own.shape[1]].copy_(own)
        weights.take(model.output_layer.bias, "summary.bias")
        self.arguments = {"num_neighbors": 20}
        return model

    def make_tcl(self, features, sampler, weights):
        from models.TCL import TCL
        model = TCL(*features, sampler, TIME_WIDTH, 2, 2, 21, dropout=0.0)
        weights.time(model.time_encoder, fixed=False)
        # The node itself, then DyGLib's oldest event and our latest.
        weights.take(model.depth_embedding.weight, "tokens.places",
                     lambda value: torch.cat([value[:1], value[1:].flip(0)]))
        weights.linear(model.projection_layer["time"], "tokens.time", lambda value: value)
        weights.transformers(model)
        self.arguments = {"num_neighbors": 20}
        return model

    def make_cawn(self, features, sampler, weights):
        from models.CAWN import CAWN
        model = CAWN(*features, sampler, TIME_WIDTH, WIDTH, 1, 8, 0.0)
        weights.time(model.time_encoder, fixed=False)
        places = model.position_encoder.position_encode_layer
        weights.linear(places[0], "position.hidden")
        weights.linear(places[2], "position.result")
        encoder = model.walk_encoder

        def widen(value):
            """Ours has no features, but a column of zeros; theirs are zero."""
            result = encoder.feature_encoder.bilstm_encoder.weight_ih_l0.detach().clone()
            result[:, WIDTH:WIDTH + TIME_WIDTH] = value.T[:, :TIME_WIDTH]
            result[:, -WIDTH:] = value.T[:, -WIDTH:]
            return result

        weights.both_directions(encoder.feature_encoder.bilstm_encoder, "features.", widen)
        weights.both_directions(encoder.position_encoder.bilstm_encoder, "positions.")
        weights.transformer(encoder.transformer_encoder, "block.")
        for module, name in zip(encoder.projection_layers, ("combine", "summary")):
            weights.take(module.weight, name + ".weight")
            weights.take(module.bias, name + ".bias")
        self.arguments = {"num_neighbors": WALKS}
        return model

    def make_dygformer(self, features, sampler, weights):
        from models.DyGFormer import DyGFormer
        model = DyGFormer(*features, sampler, TIME_WIDTH, 50, 1, 2, 2, 0.0, 32)
        weights.time(model.time_encoder, fixed=False)
        counts = model.neighbor_co_occurrence_encoder.neighbor_co_occurrence_encode_layer
        weights.linear(counts[0], "occurrence.hidden")
        weights.linear(counts[2], "occurrence.result")
        weights.linear(model.projection_layer["time"], "tokens.time")
        weights.linear(model.projection_layer["neighbor_co_occurrence"],
                       "tokens.occurrence")
        weights.transformers(model)
        pad = model.pad_sequences

        def pad_fully(*arguments, **named):
            length = named["max_input_sequence_length"]
            return [np.pad(each, ((0, 0), (0, length - each.shape[1])))
                    for each in pad(*arguments, **named)]

        model.pad_sequences = pad_fully
        self.arguments = {}
        return model

    def begin_epoch(self, model):
        pass

    def embed(self, model, sources, destinations, times, events, positive):
        return model.compute_src_dst_node_temporal_embeddings(
            sources, destinations, times, **self.arguments)

    def end_step(self, model):
        pass


class Original:
    """DyGLib's model and evaluation, over its own modules."""

    def __init__(self, options, ours):
        sys.path.insert(0, str(pathlib.Path(options.dyglib).resolve()))
        from models.modules import MergeLayer
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
        nodes = max(sources.max(), destinations.max()) + 1
        self.node_features = np.zeros((nodes, WIDTH))
        self.edge_features = np.zeros((len(times) + 1, WIDTH))
        self.kind = MemoryModel() if options.model in MemoryModel.names else PlainModel()
        self.name = self.kind.names[options.model]
        weights = Weights(ours["parameters"])
        backbone = self.kind.make(self, options.model, weights)
        decoder = MergeLayer(WIDTH, WIDTH, WIDTH, 1)
        weights.decoder(decoder)
        self.model = torch.nn.Sequential(backbone, decoder)
        # Frozen ones and states have no gradient.
        trained = [each for each in self.model.parameters() if each.requires_grad]
        self.optimizer = torch.optim.Adam(trained, lr=options.learning_rate)
        self.loss = torch.nn.BCELoss()

    def rows(self, chosen):
        return self.data_class(*(column[chosen] for column in self.columns))

    def sampler(self, data):
        from utils.utils import get_neighbor_sampler
        return get_neighbor_sampler(data, "recent", 0.0, seed=0)

    def batches(self):
        return -(-len(self.train.src_node_ids) // BATCH)

    def train_steps(self, steps):
        """Returns the loss of each of an epoch's first batches."""
        self.model.train()
        backbone, decoder = self.model
        self.kind.begin_epoch(backbone)
        losses = []
        for step in range(steps):
            at = slice(step * BATCH, (step + 1) * BATCH)
            scores = []
            sources, times = self.train.src_node_ids[at], self.train.node_interact_times[at]
            # As DyGLib: events last, for they change the states.
            for destinations, positive in ((self.negatives[at], False),
                                           (self.train.dst_node_ids[at], True)):
                ends = self.kind.embed(backbone, sources, destinations, times,
                                       self.train.edge_ids[at], positive)
                scores.insert(0, decoder(*ends).squeeze(-1).sigmoid())
            labels = torch.cat([torch.ones_like(scores[0]), torch.zeros_like(scores[1])])
            loss = self.loss(torch.cat(scores), labels)
            self.optimizer.zero_grad()
            loss.backward()
            # PyTorch's Adam counts a parameter's steps from its first gradient;
            # a cell that has no message in the first batch begins a step later.
            for parameter in self.optimizer.param_groups[0]["params"]:
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
            self.optimizer.step()
            self.kind.end_step(backbone)
            losses.append(loss.item())
        return np.array(losses)

    def validate(self):
        """Returns AP and AUC, means over batches."""
        from evaluate_models_utils import evaluate_model_link_prediction
        from utils.utils import NegativeEdgeSampler
        everything = self.data_class(*self.columns)
        sampler = NegativeEdgeSampler(self.columns[0], self.columns[1], seed=0)
        count = len(self.validation.src_node_ids)
        loader = self.loader(list(range(count)), BATCH, shuffle=False)
        _, metrics = evaluate_model_link_prediction(
            self.name, self.model, self.sampler(everything), loader, sampler,
            self.validation, self.loss, 10 if self.kind.names is MemoryModel.names else 20)
        return np.array([np.mean([each[name] for each in metrics])
                         for name in ("average_precision", "roc_auc")])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dyglib", required=True, help="folder of DyGLib's program")
    parser.add_argument("--data", required=True, help="ml_X.csv without features")
    parser.add_argument("--model", default="jodie",
                        choices=[*MemoryModel.names, *PlainModel.names])
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
