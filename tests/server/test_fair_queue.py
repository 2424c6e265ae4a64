"""Turns of the clients in the queue of jobs."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.server.jobs.fair_queue import FairQueue


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=20))
def test_clients_take_turns_and_each_keeps_the_order_of_its_jobs(clients):
    queue = FairQueue()
    for number, client in enumerate(clients):
        queue.add(SimpleNamespace(client=client, created=number))
    taken = [queue.take() for _ in clients]
    assert queue.take() is None
    for client in set(clients):
        own = [job.created for job in taken if job.client == client]
        assert own == [number for number, name in enumerate(clients) if name == client]
    for place, job in enumerate(taken):
        waiting = {later.client for later in taken[place:]}
        earlier = [before.client for before in taken[:place]]
        last_turn = dict.fromkeys(waiting, -1)
        last_turn.update({client: at for at, client in enumerate(earlier) if client in waiting})
        assert last_turn[job.client] == min(last_turn.values())
