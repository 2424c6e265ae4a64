"""Clocks within clocks: what the arithmetic says at every moment."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from emsync_bridge.timeline.cut.retiming import Retiming, TimeTransform

times = st.fractions(min_value=-20, max_value=20, max_denominator=12)
speeds = st.sampled_from([Fraction(n, d) for n in (-3, -1, 0, 1, 2, 5) for d in (1, 2, 3)])


@st.composite
def transforms(draw) -> TimeTransform:
    start = draw(times)
    return TimeTransform(
        start, start + draw(st.fractions(min_value=Fraction(1, 12), max_value=20)), draw(times), draw(speeds)
    )


@given(transforms(), transforms(), st.fractions(min_value=0, max_value=1, max_denominator=60))
def test_a_nest_shows_what_its_inner_clock_says(outer, inner, share):
    time = outer.start + (outer.end - outer.start) * share
    assume(time < outer.end)
    middle = outer.local_at(time)
    assume(middle not in (inner.start, inner.end))  # backwards, the edges belong to the other side
    both = outer.then(inner)
    shown = both is not None and both.start <= time < both.end
    assert shown == (inner.start <= middle < inner.end)
    if both is not None and shown:
        assert both.local_at(time) == inner.local_at(middle)


@given(transforms(), times, times)
def test_a_part_lies_within_and_agrees(transform, one, other):
    low, high = sorted((one, other))
    part = transform.part(low, high)
    if part is not None:
        assert transform.start <= part.start < part.end <= transform.end
        assert part.local == transform.local_at(part.start)
        assert low <= part.local <= high


@given(transforms(), st.fractions(min_value=0, max_value=1, max_denominator=60))
def test_the_time_of_a_moment_leads_back(transform, share):
    time = transform.start + (transform.end - transform.start) * share
    assume(time < transform.end)
    back = transform.time_of(transform.local_at(time))
    assert back == (time if transform.speed else transform.start)


@st.composite
def retimings(draw) -> Retiming:
    clock = sorted(draw(st.sets(times, min_size=2, max_size=5)))
    return Retiming(tuple((time, draw(times)) for time in clock))


@given(retimings(), times, st.fractions(min_value=Fraction(1, 12), max_value=20))
def test_stretches_of_one_speed_make_up_the_whole(retiming, start, length):
    parts = retiming.transforms(start, start + length)
    assert parts[0].start == start
    assert parts[-1].end == start + length
    for part in parts:
        assert part.local == retiming.at(part.start)
        assert part.local_at(part.end) == retiming.at(part.end)
    for before, after in pairwise(parts):
        assert before.end == after.start


@given(retimings(), times)
def test_the_first_time_at_which_a_source_shows(retiming, source):
    time = retiming.time_of(source)
    if time is not None:
        assert retiming.at(time) == source
    else:
        values = [retiming.at(at) for at in (Fraction(-1000), *(t for t, _ in retiming.knots), Fraction(1000))]
        assert not min(values) <= source <= max(values)


def test_speed_is_known_only_where_it_is_one():
    ramp = Retiming(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1)), (Fraction(2), Fraction(3))))
    assert ramp.speed(Fraction(0), Fraction(1)) == 1
    assert ramp.speed(Fraction(1), Fraction(9)) == 2
    assert ramp.speed(Fraction(1, 2), Fraction(3, 2)) is None
