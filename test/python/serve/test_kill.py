"""Kills under load; bench/serve.py does many."""

from __future__ import annotations

import pathlib

import pytest

from .killing import Campaign
from .serving import Trained


@pytest.mark.parametrize("block_size", [1, 7])
def test_kills_lose_nothing_that_was_acknowledged(
        trained: Trained, state: pathlib.Path, block_size: int) -> None:
    campaign = Campaign(trained, state, block_size=block_size, seed=block_size)
    campaign.run(5, seconds=0.8)
    assert campaign.acknowledged() > 50
    assert campaign.reads > 5
    assert campaign.check() >= campaign.acknowledged()


def test_a_loss_would_be_seen(trained: Trained, state: pathlib.Path) -> None:
    campaign = Campaign(trained, state)
    campaign.run(1, seconds=0.5)
    while not any(each.is_acknowledged for each in campaign.requests[0]):
        campaign.run(1, seconds=1)
    last = max(len(each) for each in campaign.requests)
    # As if the server had acknowledged one more.
    for requests in campaign.requests:
        if len(requests) == last:
            requests[-1].events[0]["destination"] = "never sent"
            requests[-1].is_acknowledged = True
    with pytest.raises(AssertionError, match="is lost"):
        campaign.check()
