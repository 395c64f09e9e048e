#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_networks.py ORCINUS TOOLS FOLDER: networks of torchvision with random
weights, imported, run as a library and as a text, beside ONNX Runtime and
PyTorch in double precision."""

import pathlib
import subprocess
import sys
import warnings

import numpy
import onnxruntime
import torch
import torchvision

warnings.filterwarnings("ignore")
orcinus, tools, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def run(*arguments):
    subprocess.run([orcinus, *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL)


def make(name):
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None)
    for norm in model.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
            torch.nn.init.normal_(norm.bias, 0, 0.1)
            norm.momentum = None
    model.train()
    with torch.no_grad():
        model(torch.randn(2, 3, 96, 96))
    return model.eval()


def check(name, apart):
    model, x = make(name), torch.randn(1, 3, 96, 96)
    path = folder / f"{name}{apart}.onnx"
    mode = torch.onnx.TrainingMode
    torch.onnx.export(model, x, str(path), dynamo=False, opset_version=17,
                      input_names=["x"], output_names=["y"],
                      training=mode.PRESERVE if apart else mode.EVAL,
                      do_constant_folding=not apart)
    text = path.with_suffix(".mlir")
    run("import", path, "-o", text, "--tools", tools)
    library = path.with_suffix(".so")
    run("compile", text, "-o", library)
    numpy.save(folder / "x.npy", x.numpy())
    with torch.no_grad():
        right = model.double()(x.double()).numpy()
    peer = onnxruntime.InferenceSession(
        str(path), providers=["CPUExecutionProvider"]).run(None, {"x": x.numpy()})[0]
    wrong = []
    for module in (library, text):
        run("run", module, "--no-cache", "--input", folder / "x.npy", "-o",
            folder / "y.npy")
        found = numpy.load(folder / "y.npy")
        for expected in (right, peer):
            error = abs(found - expected).max() / abs(expected).max()
            if not error < 1e-4:
                wrong.append(f"{module.suffix} off by {error:.1e}")
    imported = text.read_text()
    layout = "channels last" if "nchw" not in imported else "channels first"
    # What is left of a norm is made of weights: nothing is subtracted.
    norms = "no norms"
    if "rsqrt" in imported:
        norms = "norms apart" if "arith.subf" in imported else "norms folded"
    print(f"{name}{', norms apart' if apart else ''}: {layout}, {norms}, "
          f"{', '.join(wrong) or 'right'}", flush=True)


check("resnet18", False)
check("mobilenet_v2", False)
check("resnet18", True)
