"""What the tests of the Python package share."""

import os
import pathlib

import numpy as np
import pytest

import orcinus

SHARED = pathlib.Path(__file__).resolve().parents[2].parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def program_cache(tmp_path_factory):
    """Programs are compiled once for all tests."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def shared_data():
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not there")
    return SHARED / "data"


@pytest.fixture(scope="session")
def stream():
    return orcinus.Stream.synthetic(nodes=80, events=1500, seed=4, features=2)


def model(**more):
    """A small one, in which nothing is random."""
    return orcinus.Model("tgn", **{"layers": 1, "dim": 8, "neighbours": 4,
                                   "dropout": 0.0, **more})


@pytest.fixture(scope="session")
def trained(stream, tmp_path_factory):
    """A checkpoint and the report of its run."""
    folder = tmp_path_factory.mktemp("run")
    trainer = orcinus.Trainer(stream, model(), epochs=2, seed=1, lr=1e-3,
                              threads=1, checkpoint=folder / "checkpoint",
                              metrics=folder / "metrics.jsonl")
    report = trainer.fit()
    return folder / "checkpoint", report


def write_product(path, rows, columns, reduction):
    """A module with one matrix product; returns its path."""
    left, right, result = (
        f"tensor<{first}x{second}xf32>" for first, second in
        ((rows, reduction), (reduction, columns), (rows, columns)))
    path.write_text(f"""
func.func @product(%a: {left}, %b: {right}, %c: {result}) -> {result} {{
  %0 = linalg.matmul ins(%a, %b : {left}, {right}) outs(%c : {result}) -> {result}
  return %0 : {result}
}}
""")
    return path


@pytest.fixture()
def tuning_database(tmp_path):
    """One with a program for an operator that no model has."""
    operators = write_product(tmp_path / "product.mlir", 61, 47, 32)
    orcinus.tune(tmp_path / "tuning.db", operators=operators, trials=1,
                 threads=1, strategy="search")
    return tmp_path / "tuning.db"


def named_stream(count=60, seed=3):
    """Columns of events between names."""
    random = np.random.default_rng(seed)
    people = [f"person {number}" for number in range(9)]
    shops = [f"shop {number}" for number in range(5)]
    sources = [people[each] for each in random.integers(0, 9, count)]
    destinations = [shops[each] for each in random.integers(0, 5, count)]
    times = np.sort(random.integers(0, 10**6, count)).astype(np.float64)
    return sources, destinations, times
