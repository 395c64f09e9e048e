"""Modules of linalg, called from Python."""

import threading

import numpy as np
import pytest

import orcinus

PERCEPTRON = """
func.func @perceptron(%x: tensor<?x8xf32>) -> tensor<?x3xf32> {
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<0.5> : tensor<8x3xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%n) : tensor<?x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  %r = linalg.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x3xf32>)
                     outs(%f : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %r : tensor<?x3xf32>
}
"""

# Of every element type one function that doubles, and one of two results.
TYPES = {"f64": np.float64, "f32": np.float32, "f16": np.float16,
         "i64": np.int64, "i32": np.int32, "i16": np.int16, "i8": np.int8}


def doubling(element):
    operation = "arith.addf" if element.startswith("f") else "arith.addi"
    return f"""
func.func @double_{element}(%x: tensor<2x3x{element}>) -> tensor<2x3x{element}> {{
  %r = {operation} %x, %x : tensor<2x3x{element}>
  return %r : tensor<2x3x{element}>
}}"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    folder = tmp_path_factory.mktemp("modules")
    (folder / "perceptron.mlir").write_text(PERCEPTRON)
    (folder / "types.mlir").write_text("\n".join(map(doubling, TYPES)) + """
func.func @both(%x: tensor<2xf32>, %c: i1) -> (tensor<2xf32>, i1) {
  return %x, %c : tensor<2xf32>, i1
}
""")
    return folder


def test_calls_give_what_numpy_gives(modules):
    module = orcinus.load(modules / "perceptron.mlir", threads=1)
    assert "perceptron" in module.functions
    for rows in (1, 7, 200):
        x = np.random.default_rng(rows).random((rows, 8), dtype=np.float32)
        assert np.allclose(module(x), x @ np.full((8, 3), 0.5, np.float32),
                           rtol=1e-5)
    # Other layouts are copied.
    wide = np.ones((8, 5), dtype=np.float32).T
    assert np.array_equal(module(wide), np.full((5, 3), 4, np.float32))


@pytest.mark.parametrize("element", TYPES)
def test_element_types(modules, element):
    module = orcinus.load(modules / "types.mlir", threads=1)
    x = np.arange(6).reshape(2, 3).astype(TYPES[element])
    result = module.call(f"double_{element}", x)
    assert result.dtype == x.dtype and np.array_equal(result, 2 * x)


def test_several_results_and_scalars(modules):
    module = orcinus.load(modules / "types.mlir", threads=1)
    x = np.array([1, 2], dtype=np.float32)
    same, flag = module.call("both", x, True)
    assert np.array_equal(same, x) and not np.shares_memory(same, x)
    assert flag.dtype == bool and flag


def test_what_does_not_fit_is_said(modules):
    module = orcinus.load(modules / "perceptron.mlir", threads=1)
    for arguments, message in [((), "argument"),
                               ((np.ones((2, 8)),), "f64|f32"),
                               ((np.ones(8, np.float32),), "rank|extent|tensor"),
                               ((np.ones((2, 7), np.float32),), "7"),
                               ((np.array(["a"]),), "elements|dtype|incompatible")]:
        with pytest.raises((ValueError, TypeError), match=message):
            module(*arguments)
    with pytest.raises(ValueError, match="nothing"):
        module.call("nothing")
    with pytest.raises(OSError):
        orcinus.load(modules / "nothing.so")


def test_threads_call_at_the_same_time(modules):
    module = orcinus.load(modules / "perceptron.mlir", threads=1)
    x = np.ones((64, 8), dtype=np.float32)
    wrong = []

    def work():
        for _ in range(200):
            if not np.array_equal(module(x), np.full((64, 3), 4, np.float32)):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


def test_networks_are_compiled_and_tuned(modules, tmp_path):
    network = orcinus.network(modules / "perceptron.mlir")
    x = np.random.default_rng(0).random((9, 8), dtype=np.float32)
    wanted = network.load(threads=1)(x)
    library = network.compile(tmp_path / "model.so",
                              header=tmp_path / "model.h", threads=1)
    assert np.array_equal(library(x), wanted)
    assert np.array_equal(orcinus.load(tmp_path / "model.so")(x), wanted)
    assert "perceptron" in (tmp_path / "model.h").read_text()
