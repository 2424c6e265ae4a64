"""A writer of one format used on files, without the checks of ``insertion``."""

from emsync_bridge.timeline.source import open_source


def on_files(place):
    """Return a writer's ``place`` that opens its source itself."""

    def placed(path, output, placement, *, sequence=None):
        return place(open_source(path, sequence=sequence), output, placement)

    return placed
