#!/usr/bin/env python3
"""Convolutions of few pixels and many channels beside oneDNN, in turns.

    bench/compare_convolutions.py --orcinus build/bin/orcinus

One image, channels last on both sides, one thread, f32. The weights are a
module's own, so that Orcinus packs them when it makes the library, and oneDNN
has them prepacked (PyTorch's mkldnn_reorder_conv2d_weight). With
`--tune SECONDS` each convolution is tuned first. Times are of the thread's
processor time, the median over turns of the fastest call of a turn; a result
that is not oneDNN's is named.
"""

import argparse
import ctypes
import json
import math
import pathlib
import statistics
import time

import numpy
import torch

from compare_networks import pack, run

# Pixels, channels in, channels out, window.
CASES = [
    (7, 512, 512, 3), (14, 512, 512, 3), (7, 512, 512, 1), (14, 512, 512, 1),
    (7, 512, 2048, 1), (7, 2048, 512, 1), (14, 512, 1024, 1),
    (14, 1024, 512, 1), (14, 1024, 1024, 1), (7, 1024, 1024, 3),
    (7, 1024, 2048, 1),
]

TEXT = """memref.global "private" @w : memref<{k}x{k}x{c}x{f}xf32>
func.func @convolution(%x: tensor<1x{i}x{i}x{c}xf32>) -> tensor<1x{p}x{p}x{f}xf32> {{
  %zero = arith.constant 0.0 : f32
  %address = memref.get_global @w : memref<{k}x{k}x{c}x{f}xf32>
  %w = bufferization.to_tensor %address restrict : memref<{k}x{k}x{c}x{f}xf32> to tensor<{k}x{k}x{c}x{f}xf32>
  %empty = tensor.empty() : tensor<1x{p}x{p}x{f}xf32>
  %start = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x{p}x{p}x{f}xf32>) -> tensor<1x{p}x{p}x{f}xf32>
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x{i}x{i}x{c}xf32>, tensor<{k}x{k}x{c}x{f}xf32>)
      outs(%start : tensor<1x{p}x{p}x{f}xf32>) -> tensor<1x{p}x{p}x{f}xf32>
  return %y : tensor<1x{p}x{p}x{f}xf32>
}}
"""


def write_weights(path, weight):
    """A file of safetensors with one tensor."""
    header = json.dumps({"w": {"dtype": "F32", "shape": list(weight.shape),
                               "data_offsets": [0, weight.nbytes]}}).encode()
    header += b" " * (-(len(header) + 8) % 64)
    path.write_bytes(len(header).to_bytes(8, "little") + header +
                     weight.tobytes())


def start_orcinus(case, x, weight, options):
    p, c, f, k = case
    folder = options.work
    folder.mkdir(parents=True, exist_ok=True)
    module = folder / f"conv{p}x{c}x{f}x{k}.mlir"
    module.write_text(TEXT.format(p=p, c=c, f=f, k=k, i=p + k - 1))
    write_weights(module.with_suffix(".safetensors"),
                  numpy.ascontiguousarray(weight.permute(2, 3, 1, 0).numpy()))
    if options.tune > 0:
        tuned = module.with_suffix(".tuned.mlir")
        run([options.orcinus, "tune", "--network", module, "-o", tuned, "--db",
             folder / "tuning.db", "--threads", 1, "--budget", options.tune])
        module = tuned
    library = module.with_suffix(".so")
    run([options.orcinus, "compile", module, "-o", library, "--name", "net",
         "--threads", 1])
    loaded = ctypes.CDLL(str(library.resolve()))
    function = loaded["net.call.convolution"]
    function.restype = ctypes.c_char_p
    image = numpy.ascontiguousarray(x.permute(0, 2, 3, 1).numpy())
    result = numpy.empty((1, p, p, f), numpy.float32)
    arguments = pack(image, result)

    def call():
        if problem := function(arguments):
            raise SystemExit(problem.decode())
        return result.transpose(0, 3, 1, 2)

    call.keeps = image
    return call


def start_onednn(x, weight):
    """As inductor calls it where a network is frozen: nothing is reordered."""
    packed = torch._C._nn.mkldnn_reorder_conv2d_weight(
        weight.to_mkldnn(), [0, 0], [1, 1], [1, 1], 1, list(x.shape))
    image = x.contiguous(memory_format=torch.channels_last)
    return lambda: torch.ops.mkldnn._convolution_pointwise(
        image, packed, None, [0, 0], [1, 1], [1, 1], 1, "none", [], "")


def seconds(call, calls):
    fastest = math.inf
    call()
    for _ in range(calls):
        begin = time.thread_time()
        call()
        fastest = min(fastest, time.thread_time() - begin)
    return fastest


def compare(case, options):
    p, c, f, k = case
    torch.manual_seed(0)
    x = torch.randn(1, c, p + k - 1, p + k - 1)
    weight = torch.randn(f, c, k, k) / math.sqrt(c * k * k)
    calls = {"orcinus": start_orcinus(case, x, weight, options),
             "oneDNN": start_onednn(x, weight)}
    reference = torch.nn.functional.conv2d(x.double(), weight.double()).numpy()
    for name, call in calls.items():
        error = abs(numpy.asarray(call()) - reference).max() / abs(reference).max()
        if not error <= 1e-5:
            print(f"{name} is WRONG by {error:.1e}")
    times = {name: [] for name in calls}
    for turn in range(options.turns):
        order = list(calls)
        for name in order if turn % 2 == 0 else reversed(order):
            times[name].append(seconds(calls[name], options.calls))
    median = {name: statistics.median(each) for name, each in times.items()}
    speed = median["oneDNN"] / median["orcinus"]
    gigaflops = 2e-9 * p * p * c * f * k * k / median["orcinus"]
    print(f"| {p}×{p}, {c} → {f}, {k}×{k} | {1e3 * median['orcinus']:.3f} | "
          f"{gigaflops:.0f} | {1e3 * median['oneDNN']:.3f} | {speed:.2f} |",
          flush=True)
    return speed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--work", type=pathlib.Path, default="convolutions")
    parser.add_argument("--turns", type=int, default=11)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--tune", type=float, default=0,
                        help="seconds to tune each convolution for")
    parser.add_argument("--case", help="of all cases those that contain this")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| pixels, channels, window | Orcinus, ms | GFLOP/s | oneDNN, ms | "
          "times as fast |\n|---|--:|--:|--:|--:|")
    speeds = [compare(case, options) for case in CASES
              if not options.case or options.case in "x".join(map(str, case))]
    print(f"\ngeometric mean {statistics.geometric_mean(speeds):.2f}, "
          f"at least {min(speeds):.2f}")


if __name__ == "__main__":
    main()
