"""A receiver and a clock for playing in virtual time."""

from emsync_bridge.live.events import NoteOff, NoteOn


class Recorder:
    """A receiver that refuses what no receiver should get."""

    name = "recorder"

    def __init__(self, lookahead=0.0):
        self.lookahead = lookahead
        self.log = []
        self.sounding = {}

    def send(self, when, events):
        for event in events:
            self.log.append((when, event))
            if isinstance(event, NoteOn):
                assert (event.channel, event.pitch) not in self.sounding, "struck while sounding"
                self.sounding[event.channel, event.pitch] = (event.ident, when)
            elif isinstance(event, NoteOff):
                ident, begun = self.sounding.pop((event.channel, event.pitch))
                assert ident == event.ident
                assert when >= begun, "released before it began"

    def poll(self, now):
        pass

    def close(self):
        pass

    def of(self, kind):
        return [(when, event) for when, event in self.log if isinstance(event, kind)]


def run(engine, now, until):
    """Come back when asked to, as the sender does."""
    while True:
        due = engine.step(now)
        if due is None or due > until:
            return until
        now = max(now, due)


def follow(engine, reader, arriving, now, until, apart=0.005):
    """Let an engine follow, as the sender does, what arrives in order of time as (time, message)."""
    arriving, place = list(arriving), 0
    while now < until:
        while place < len(arriving) and arriving[place][0] <= now:
            reader.feed(arriving[place][1], arriving[place][0])
            place += 1
        located, line = reader.take_locate(), reader.line(now)
        if line is None:
            engine.stop(now)
        else:
            engine.chase(now, line, reader.begin)
        if located is not None and line is None:
            engine.locate(now, located)
        due = engine.step(now)
        now = min(now + apart, until) if due is None else max(now, min(due, now + apart))
        if due is not None and due <= now:
            engine.step(now)
    return now
