#!/usr/bin/env python3
# ===- draw_capacity.py - Hit ratio and AP against capacity ------------------===#
#
# Part of Orcinus, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===------------------------------------------------------------------------===#
"""Draws docs/figures/capacity.svg: hit ratios of mrd and lru by capacity, from
`orcinus plan`, and test AP by capacity, from metrics files of
`orcinus train --reuse recompute --capacity M --metrics M.jsonl`, given as
M=FILE, where M may be `exact` for a run without reuse."""

import argparse
import json
import math
import subprocess

WIDTH, HEIGHT, MARGIN = 360, 240, 48
CAPACITIES = [30, 100, 300, 1000, 3000]


def hit_ratio(orcinus, data, policy, capacity):
    output = subprocess.run(
        [orcinus, "plan", "--data", data, "--policy", policy, "--capacity",
         str(capacity), "--json"], check=True, capture_output=True, text=True)
    counts = json.loads(output.stdout)
    return counts["hits"] / counts["out_of_batch_reads"]


def test_precision(path):
    with open(path) as lines:
        for line in map(json.loads, lines):
            if line["event"] == "test":
                return line["ap"]
    raise SystemExit(f"{path} has no test")


class Chart:
    """Lines over a logarithmic axis of capacities."""

    def __init__(self, left, title, low, high, step):
        self.left, self.low, self.high = left, low, high
        self.parts = [self.text(left + WIDTH / 2, 18, title, "middle")]
        for x in CAPACITIES:
            self.parts.append(self.text(self.x(x), HEIGHT - MARGIN + 18, x,
                                        "middle"))
        self.parts.append(self.text(left + WIDTH / 2, HEIGHT - 8,
                                    "capacity m, embeddings", "middle"))
        for tick in range(round((high - low) / step) + 1):
            y = low + tick * step
            self.parts.append(self.text(left + MARGIN - 6, self.y(y) + 4,
                                        f"{y:.2f}", "end"))
            self.parts.append(
                f'<path d="M{left + MARGIN} {self.y(y):.1f}H'
                f'{left + WIDTH - 12}" stroke="#ddd"/>')

    def x(self, capacity):
        position = (math.log(capacity) - math.log(CAPACITIES[0])) / (
            math.log(CAPACITIES[-1]) - math.log(CAPACITIES[0]))
        return self.left + MARGIN + 16 + position * (WIDTH - MARGIN - 44)

    def y(self, value):
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - MARGIN - share * (HEIGHT - MARGIN - 36)

    @staticmethod
    def text(x, y, content, anchor):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{content}</text>'

    def line(self, points, name, colour, dashes=""):
        path = "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" '
                          f'stroke-width="2" stroke-dasharray="{dashes}"/>')
        # Beside the second point, where lines that end alike are apart.
        x, y = points[1]
        self.parts.append(f'<text x="{self.x(x) + 8:.1f}" y="{self.y(y) - 8:.1f}" '
                          f'text-anchor="end" fill="{colour}">{name}</text>')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orcinus", default="build/bin/orcinus")
    parser.add_argument("--data", required=True, help="of the hit ratios")
    parser.add_argument("--output", default="docs/figures/capacity.svg")
    parser.add_argument("runs", nargs="+", metavar="M=FILE")
    arguments = parser.parse_args()

    hits = Chart(0, "hit ratio of out-of-batch reads", 0, 1, 0.25)
    for policy, colour in (("mrd", "#1f6fb4"), ("lru", "#c44e52")):
        hits.line([(capacity, hit_ratio(arguments.orcinus, arguments.data,
                                        policy, capacity))
                   for capacity in CAPACITIES], policy, colour)

    runs = dict(run.split("=", 1) for run in arguments.runs)
    exact = runs.pop("exact", None)
    points = sorted((int(capacity), test_precision(path))
                    for capacity, path in runs.items())
    values = [y for _, y in points] + ([test_precision(exact)] if exact else [])
    low = math.floor(min(values) * 100 - 0.5) / 100
    high = math.ceil(max(values) * 100 + 0.5) / 100
    precision = Chart(WIDTH, "test AP", low, high, 0.01)
    precision.line(points, "recompute, mrd", "#1f6fb4")
    if exact:
        precision.line([(capacity, test_precision(exact))
                        for capacity in (CAPACITIES[0], CAPACITIES[-1])],
                       "exact", "#555", "4 3")

    with open(arguments.output, "w") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * WIDTH}"'
                   f' height="{HEIGHT}" font-family="sans-serif" font-size="12">\n'
                   '<rect width="100%" height="100%" fill="white"/>\n'
                   + "\n".join(hits.parts + precision.parts) + "\n</svg>\n")


if __name__ == "__main__":
    main()
