"""Turns of the jobs of several editors."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.server.jobs.fair_queue import FairQueue
from emsync_bridge.server.jobs.store import Job

FAST = {"emotion": {"mood": "joy"}, "music": {"style": "network"}}


def job(number, client):
    return Job(f"{number:016x}", "spot", client, {}, float(number))


def test_two_editors_at_once_take_turns(bridge, cut, long_cut):
    running = bridge.start(kind="score", source=str(long_cut), client="resolve", **FAST)
    bridge.working(running)
    resolve = [bridge.start(kind="spot", source=str(cut), client="resolve") for _ in range(3)]
    premiere = [bridge.start(kind="spot", source=str(cut), editor={"project": "premiere"}) for _ in range(2)]
    assert bridge.http.get("/v1/status").json()["queued"] == 5
    bridge.http.post(f"/v1/jobs/{running}/cancel")
    records = [bridge.until(each, "done") for each in [*resolve, *premiere]]
    order = [record["id"] for record in sorted(records, key=lambda record: record["started"])]
    assert order == [premiere[0], resolve[0], premiere[1], resolve[1], resolve[2]]


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_nobody_waits_for_more_than_one_job_of_each_other(clients):
    turns = FairQueue()
    for number, client in enumerate(clients):
        turns.add(job(number, client))
    taken = []
    while (each := turns.take()) is not None:
        taken.append(each)
    assert sorted(each.id for each in taken) == sorted(job(n, c).id for n, c in enumerate(clients))
    for client in set(clients):
        mine = [number for number, each in enumerate(taken) if each.client == client]
        assert [taken[number].created for number in mine] == sorted(taken[number].created for number in mine)
        for before, after in pairwise(mine):
            between = [taken[number].client for number in range(before + 1, after)]
            assert len(between) == len(set(between))


def test_a_job_that_is_taken_back_is_not_done():
    turns, one, other = FairQueue(), job(1, "a"), job(2, "a")
    turns.add(one)
    turns.add(other)
    assert turns.discard(one)
    assert not turns.discard(one)
    assert turns.take() is other
    assert turns.take() is None
