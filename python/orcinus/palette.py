"""Colours, marks and dashes of plots and reports.

Each of the colours has a contrast of 3 to 1 or more to its background, and they
stay apart for people with protanopia, deuteranopia or tritanopia.
"""

__all__ = ["LIGHT", "DARK", "DASHES", "MARKERS"]

#: On a light background.
LIGHT = ("#0072B2", "#D55E00", "#00916A", "#C2609C", "#3E2A14", "#2E9BD6")
#: On a dark one, in the same order.
DARK = ("#56B4E9", "#F0813A", "#1FA77C", "#E9A6D0", "#F0E442", "#8F7BFF")

#: By matplotlib's and by plotly's names; more lines than colours have others.
DASHES = (("-", "solid"), ("--", "dash"), (":", "dot"), ("-.", "dashdot"))
MARKERS = (("o", "circle"), ("s", "square"), ("^", "triangle-up"),
           ("D", "diamond"), ("v", "triangle-down"), ("X", "x"))
