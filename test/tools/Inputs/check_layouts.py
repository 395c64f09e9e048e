#!/usr/bin/env python3
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""check_layouts.py ORCINUS FOLDER THREADS: convolutions and poolings as
importers spell them, channels first, and networks of them, compiled as one
library and compared with NumPy."""

import ctypes
import itertools
import json
import pathlib
import subprocess
import sys

import numpy

orcinus, folder, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
numbers = numpy.random.default_rng(7)

TYPES = {"f32": (numpy.float32, 1e-5), "f64": (numpy.float64, 1e-12),
         "f16": (numpy.float16, 3e-2), "i8": (numpy.int8, 0)}
TOKENS = {numpy.dtype(numpy.float32): "F32", numpy.dtype(numpy.float64): "F64",
          numpy.dtype(numpy.float16): "F16", numpy.dtype(numpy.int8): "I8",
          numpy.dtype(numpy.uint16): "BF16"}

functions, weights, checks = [], {}, []


# --- numbers ----------------------------------------------------------------


def draw(shape, element):
    if element == "i8":
        return numbers.integers(-5, 6, shape).astype(numpy.int8)
    if element == "bf16":
        # The bits of numbers that bf16 has.
        values = numbers.integers(-8, 9, shape).astype(numpy.float32) / 4
        return (values.view(numpy.uint32) >> 16).astype(numpy.uint16)
    return numbers.standard_normal(shape).astype(TYPES[element][0])


def exact(array):
    """The numbers of an array in double precision."""
    if array.dtype == numpy.uint16:
        return (array.astype(numpy.uint32) << 16).view(numpy.float32).astype(
            numpy.float64)
    return array.astype(numpy.float64)


def windows(x, window, stride, dilation):
    """For each tap, what it sees: the trailing dimensions are pixels."""
    rank = len(window)
    sizes = [(x.shape[-rank + i] - dilation * (window[i] - 1) - 1) // stride + 1
             for i in range(rank)]
    for taps in itertools.product(*map(range, window)):
        yield taps, x[(...,) + tuple(
            slice(tap * dilation, tap * dilation + stride * (size - 1) + 1, stride)
            for tap, size in zip(taps, sizes))]


def convolve(x, w, stride=1, dilation=1):
    """x[n, g, c, pixels], w[g, f, c, taps] to [n, g, f, pixels]."""
    total = 0
    for taps, seen in windows(x, w.shape[3:], stride, dilation):
        total = total + numpy.einsum("ngc...,gfc->ngf...", seen,
                                     w[(slice(None),) * 3 + taps])
    return total


def pool(x, window, stride, kind):
    seen = [each for _, each in windows(x, window, stride, 1)]
    return numpy.max(seen, 0) if kind == "max" else numpy.sum(seen, 0)


# --- text -------------------------------------------------------------------


def typed(shape, element, dynamic=False):
    extents = ["?" if dynamic and i == 0 else str(extent)
               for i, extent in enumerate(shape)]
    return f"tensor<{'x'.join(extents + [element])}>"


def weight(name, array, element):
    weights[name] = array
    type = "x".join([*map(str, array.shape), element])
    return (f"  %{name}_at = memref.get_global @{name} : memref<{type}>\n"
            f"  %{name} = bufferization.to_tensor %{name}_at restrict : "
            f"memref<{type}> to tensor<{type}>\n")


def filled(name, shape, element, value, dynamic=None):
    """An init of `value`; `dynamic` is what has the first extent."""
    extent, size = "", ""
    if dynamic:
        extent = (f"  %{name}_zero = arith.constant 0 : index\n  %{name}_size = "
                  f"tensor.dim %{dynamic[0]}, %{name}_zero : {dynamic[1]}\n")
        size = f"%{name}_size"
    type = typed(shape, element, dynamic)
    return (f"{extent}  %{name}_value = arith.constant {value} : {element}\n"
            f"  %{name}_empty = tensor.empty({size}) : {type}\n"
            f"  %{name} = linalg.fill ins(%{name}_value : {element}) "
            f"outs(%{name}_empty : {type}) -> {type}\n")


def applied(result, op, inputs, init, type, attributes=""):
    names = ", ".join(f"%{name}" for name, _ in inputs)
    types = ", ".join(each for _, each in inputs)
    return (f"  %{result} = linalg.{op} {attributes} ins({names} : {types}) "
            f"outs(%{init} : {type}) -> {type}\n")


def steps(stride, dilation, rank):
    return (f"{{strides = dense<{stride}> : tensor<{rank}xi64>, "
            f"dilations = dense<{dilation}> : tensor<{rank}xi64>}}")


def function(name, arguments, body, results, types):
    header = ", ".join(f"%{each}: {type}" for each, type in arguments)
    functions.append(f"func.func @{name}({header}) -> ({', '.join(types)}) {{\n"
                     f"{body}  return {', '.join('%' + r for r in results)} : "
                     f"{', '.join(types)}\n}}\n")


def expect(name, inputs, expected, tolerance):
    checks.append((name, inputs, expected, tolerance))


# --- single ops -------------------------------------------------------------

PIXELS = {1: "w", 2: "hw", 3: "dhw"}


def convolution(kind, rank, n, groups, c, f, size, window, stride=1, dilation=1,
                element="f32", dynamic=False):
    """One convolution whose filter is a weight."""
    name = f"conv{len(functions)}"
    pixels, result = PIXELS[rank], "i32" if element == "i8" else element
    image, taps = [size + i for i in range(rank)], [window] * rank
    if kind == "dense":
        op = f"conv_{rank}d_nc{pixels}_fc{pixels}"
        shape, filter = [n, c, *image], draw([f, c, *taps], element)
        grouped = (lambda x: x[:, None]), filter[None]
    elif kind == "depthwise":
        op = f"depthwise_conv_{rank}d_nc{pixels}_c{pixels}"
        shape, filter = [n, groups, *image], draw([groups, *taps], element)
        grouped = (lambda x: x[:, :, None]), filter[:, None, None]
    elif kind == "gfchw":
        op = "conv_2d_ngchw_gfchw"
        shape, filter = [n, groups, c, *image], draw([groups, f, c, *taps], element)
        grouped = (lambda x: x), filter
    else:
        op = "conv_2d_ngchw_fgchw"
        shape, filter = [n, groups, c, *image], draw([f, groups, c, *taps], element)
        grouped = (lambda x: x), filter.swapaxes(0, 1)
    x = draw(shape, element)
    y = convolve(exact(grouped[0](x)), exact(grouped[1]), stride, dilation)
    expected = {"dense": lambda: y[:, 0], "depthwise": lambda: y[:, :, 0]}.get(
        kind, lambda: y)()
    type = typed(shape, element, dynamic)
    out = typed(expected.shape, result, dynamic)
    body = weight(f"w_{name}", filter, element)
    body += filled("start", expected.shape, result, 0 if result == "i32" else "0.0",
                   ("x", type) if dynamic else None)
    body += applied("y", op, [("x", type), (f"w_{name}", typed(filter.shape, element))],
                    "start", out, steps(stride, dilation, rank))
    function(name, [("x", type)], body, ["y"], [out])
    expect(name, [x], [(expected, result)], TYPES.get(element, (0, 3e-2))[1])


def pooled(kind, rank, n, c, size, window, stride):
    """A pooling between two depthwise convolutions of one tap."""
    name = f"pool{len(functions)}"
    pixels = PIXELS[rank]
    x = draw([n, c, *[size + i for i in range(rank)]], "f32")
    first, last = draw([c] + [1] * rank, "f32"), draw([c] + [1] * rank, "f32")
    a = exact(x) * exact(first)
    b = pool(a, [window] * rank, stride, kind)
    y = b * exact(last)
    image, out, tap = typed(x.shape, "f32"), typed(y.shape, "f32"), typed(first.shape, "f32")
    op = f"depthwise_conv_{rank}d_nc{pixels}_c{pixels}"
    body = weight(f"a_{name}", first, "f32") + weight(f"b_{name}", last, "f32")
    body += filled("s", x.shape, "f32", "0.0")
    body += applied("p", op, [("x", image), (f"a_{name}", tap)], "s", image)
    body += filled("t", y.shape, "f32", "-1.0e30" if kind == "max" else "0.0")
    body += f"  %window = tensor.empty() : {typed([window] * rank, 'f32')}\n"
    body += applied("q", f"pooling_nc{pixels}_{kind}",
                    [("p", image), ("window", typed([window] * rank, "f32"))],
                    "t", out, steps(stride, 1, rank))
    body += filled("u", y.shape, "f32", "0.0")
    body += applied("y", op, [("q", out), (f"b_{name}", tap)], "u", out)
    function(name, [("x", image)], body, ["y"], [out])
    expect(name, [x], [(y, "f32")], 1e-5)


# --- networks ---------------------------------------------------------------

IDENTITY = "affine_map<(a, b, c, d) -> (a, b, c, d)>"


def elementwise(result, maps, inputs, init, type, body):
    names = ", ".join(f"%{name}" for name, _ in inputs)
    types = ", ".join(each for _, each in inputs)
    arguments = ", ".join(f"%i{i}: f32" for i in range(len(inputs) + 1))
    return (f"  %{result} = linalg.generic {{indexing_maps = [{', '.join(maps)}], "
            f"iterator_types = [\"parallel\", \"parallel\", \"parallel\", \"parallel\"]}} "
            f"ins({names} : {types}) outs(%{init} : {type}) {{\n  ^bb0({arguments}):\n"
            f"{body}  }} -> {type}\n")


def block(name, shared):
    """Pads, convolves, adds a bias, goes through a ReLU, and adds the input; the
    result is returned and reduced, joined to itself, cut and transposed. The
    filter is `shared` by functions and read elsewhere, too."""
    n, c, h, w = 2, 16, 9, 7
    x = draw([n, c, h, w], "f32")
    filter, bias = weights.get(shared), weights.get(f"{shared}_bias")
    if filter is None:
        filter, bias = draw([c, c, 3, 3], "f32"), draw([c], "f32")
    image, padded = typed(x.shape, "f32"), typed([n, c, h + 2, w + 2], "f32")
    kernel = typed(filter.shape, "f32")
    body = weight(shared, filter, "f32") + weight(f"{shared}_bias", bias, "f32")
    body += f"""  %zero = arith.constant 0.0 : f32
  %padded = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {{
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  }} : {image} to {padded}
  %empty = tensor.empty() : {image}
  %start = linalg.broadcast ins(%{shared}_bias : {typed([c], "f32")}) outs(%empty : {image}) dimensions = [0, 2, 3]
"""
    body += applied("c", "conv_2d_nchw_fchw", [("padded", padded), (shared, kernel)],
                    "start", image)
    body += elementwise("y", [IDENTITY] * 3, [("c", image), ("x", image)], "empty",
                        image, """    %m = arith.maximumf %i0, %zero : f32
    %s = arith.addf %m, %i1 : f32
    linalg.yield %s : f32
""")
    body += filled("t", [n, c], "f32", "0.0")
    sums = typed([n, c], "f32")
    body += f"""  %sum = linalg.generic {{indexing_maps = [{IDENTITY}, affine_map<(a, b, c, d) -> (a, b)>],
      iterator_types = ["parallel", "parallel", "reduction", "reduction"]}} ins(%y : {image}) outs(%t : {sums}) {{
  ^bb0(%e: f32, %o: f32):
    %a = arith.addf %e, %o : f32
    linalg.yield %a : f32
  }} -> {sums}
"""
    joined, cut = typed([n, 2 * c, h, w], "f32"), typed([n, c, 4, 3], "f32")
    turned = typed([n, 4, 3, c], "f32")
    body += f"""  %joined = tensor.concat dim(1) %y, %c : ({image}, {image}) -> {joined}
  %cut = tensor.extract_slice %joined[0, 8, 1, 0] [{n}, {c}, 4, 3] [1, 1, 2, 2] : {joined} to {cut}
  %turned_empty = tensor.empty() : {turned}
  %turned = linalg.transpose ins(%cut : {cut}) outs(%turned_empty : {turned}) permutation = [0, 2, 3, 1]
"""
    body += filled("z", [c, c, 3, 3], "f32", "1.0")
    body += applied("plus", "add", [(shared, kernel), ("z", kernel)], "z_empty", kernel)
    function(name, [("x", image)], body, ["y", "sum", "turned", "plus"],
             [image, sums, turned, kernel])
    room = numpy.pad(exact(x), [(0, 0), (0, 0), (1, 1), (1, 1)])
    c_ = convolve(room[:, None], exact(filter)[None])[:, 0] + exact(bias)[:, None, None]
    y = numpy.maximum(c_, 0) + exact(x)
    both = numpy.concatenate([y, c_], 1)[:, 8:8 + c, 1:9:2, 0:6:2]
    expect(name, [x], [(y, "f32"), (y.sum((2, 3)), "f32"),
                       (both.transpose(0, 2, 3, 1), "f32"),
                       (exact(filter) + 1, "f32")], 1e-5)


def scaled(name):
    """A convolution whose filter is multiplied by a scale for each output, and
    whose result, flattened, goes into a product with a transposed weight: all
    that is made of weights is to be made once."""
    n, c, f, h, w = 1, 8, 16, 5, 5
    x = draw([n, c, h, w], "f32")
    filter, scale, last = draw([f, c, 1, 1], "f32"), draw([f], "f32"), draw([10, f * h * w], "f32")
    image, out = typed(x.shape, "f32"), typed([n, f, h, w], "f32")
    kernel, flat = typed(filter.shape, "f32"), typed([n, f * h * w], "f32")
    body = weight("scaled", filter, "f32") + weight("scale", scale, "f32") + weight("last", last, "f32")
    body += f"  %kernel_empty = tensor.empty() : {kernel}\n"
    body += elementwise("k", [IDENTITY, "affine_map<(a, b, c, d) -> (a)>", IDENTITY],
                        [("scaled", kernel), ("scale", typed([f], "f32"))],
                        "kernel_empty", kernel, """    %p = arith.mulf %i0, %i1 : f32
    linalg.yield %p : f32
""")
    body += filled("s", [n, f, h, w], "f32", "0.0")
    body += applied("y", "conv_2d_nchw_fchw", [("x", image), ("k", kernel)], "s", out)
    body += f"""  %flat = tensor.collapse_shape %y [[0], [1, 2, 3]] : {out} into {flat}
  %turned_empty = tensor.empty() : {typed([f * h * w, 10], "f32")}
  %turned = linalg.transpose ins(%last : {typed(last.shape, "f32")}) outs(%turned_empty : {typed([f * h * w, 10], "f32")}) permutation = [1, 0]
"""
    body += filled("t", [n, 10], "f32", "0.0")
    body += applied("z", "matmul", [("flat", flat), ("turned", typed([f * h * w, 10], "f32"))],
                    "t", typed([n, 10], "f32"))
    function(name, [("x", image)], body, ["z"], [typed([n, 10], "f32")])
    y = numpy.einsum("nchw,fc->nfhw", exact(x), (exact(filter)[:, :, 0, 0].T * exact(scale)).T)
    expect(name, [x], [(y.reshape(n, -1) @ exact(last).T, "f32")], 1e-5)


def build():
    for element in ("f32", "f64", "f16", "bf16", "i8"):
        convolution("dense", 2, 1, 1, 16, 24, 7, 3, element=element)
        convolution("depthwise", 2, 1, 24, 1, 1, 7, 3, element=element)
        convolution("gfchw", 2, 1, 3, 4, 8, 6, 3, element=element)
    for rank in (1, 2, 3):
        for kind in ("dense", "depthwise"):
            for stride, dilation in ((1, 1), (2, 1), (1, 2), (3, 2)):
                convolution(kind, rank, 2, 13, 5, 17, 9, 3, stride, dilation)
    for kind in ("gfchw", "fgchw"):
        for stride, dilation in ((1, 1), (2, 2)):
            convolution(kind, 2, 2, 3, 5, 9, 9, 3, stride, dilation)
    convolution("dense", 2, 1, 1, 3, 64, 20, 7, 2)
    convolution("dense", 2, 1, 1, 64, 3, 6, 3)
    convolution("dense", 2, 3, 1, 8, 40, 5, 3, dynamic=True)
    convolution("depthwise", 2, 3, 40, 1, 1, 5, 3, dynamic=True)
    convolution("gfchw", 2, 3, 2, 4, 16, 5, 1, dynamic=True)
    for rank in (1, 2):
        for kind in ("max", "sum"):
            for window, stride in ((2, 2), (3, 1), (3, 2)):
                pooled(kind, rank, 2, 19, 8, window, stride)
    block("one", "both")
    block("other", "both")
    scaled("prepared")


# --- running ----------------------------------------------------------------


def write_weights():
    header, data = {}, b""
    for name, array in weights.items():
        header[name] = {"dtype": TOKENS[array.dtype], "shape": array.shape,
                        "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % 64)
    (folder / "layouts.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + data)


def text():
    names = {numpy.dtype(numpy.float32): "f32", numpy.dtype(numpy.float64): "f64",
             numpy.dtype(numpy.float16): "f16", numpy.dtype(numpy.int8): "i8",
             numpy.dtype(numpy.uint16): "bf16"}
    globals = [f"memref.global \"private\" @{name} : memref<"
               f"{'x'.join([*map(str, array.shape), names[array.dtype]])}>\n"
               for name, array in weights.items()]
    return "".join(globals + functions)


def descriptor(array):
    words = [array.ctypes.data, array.ctypes.data, 0, *array.shape,
             *(stride // array.itemsize for stride in array.strides)]
    return (ctypes.c_int64 * len(words))(*words)


def call(library, name, inputs, expected):
    """The results; those of a function with open extents come in memory of
    their own, which this process keeps."""
    numpy_types = {"f32": numpy.float32, "f64": numpy.float64, "f16": numpy.float16,
                   "bf16": numpy.uint16, "i32": numpy.int32}
    arrays = [numpy.full(each.shape, 77).astype(numpy_types[element])
              for each, element in expected]
    descriptors = [descriptor(each) for each in inputs + arrays]
    pointers = (ctypes.c_void_p * len(descriptors))(*map(ctypes.addressof, descriptors))
    function = library[f"layouts.call.{name}"]
    function.restype = ctypes.c_char_p
    if problem := function(pointers):
        sys.exit(f"{name}: {problem.decode()}")
    found = []
    for array, filled_in in zip(arrays, descriptors[len(inputs):]):
        memory = (ctypes.c_char * array.nbytes).from_address(filled_in[1])
        found.append(numpy.frombuffer(memory, array.dtype).reshape(array.shape).copy())
    return found


def main():
    build()
    folder.mkdir(parents=True, exist_ok=True)
    write_weights()
    (folder / "layouts.mlir").write_text(text())
    subprocess.run([orcinus, "compile", folder / "layouts.mlir", "-o",
                    folder / "layouts.so", "--threads", threads], check=True)
    library = ctypes.CDLL(str((folder / "layouts.so").resolve()))
    wrong = 0
    for name, inputs, expected, tolerance in checks:
        for number, (found, (right, _)) in enumerate(
                zip(call(library, name, inputs, expected), expected)):
            error = numpy.abs(exact(found) - right).max()
            if not error <= tolerance * max(1, numpy.abs(right).max()):
                print(f"{name}: result {number} is off by {error}")
                wrong += 1
    print(f"{len(checks)} functions, {wrong} wrong")


main()
