"""Export of a spotting to other programs; the suffix of the file chooses the format."""

from __future__ import annotations

from pathlib import Path

from emsync_bridge.cue import Spotting
from emsync_bridge.errors import OutputError

FORMATS = {
    ".csv": "a table that spreadsheets edit and that is read back",
    ".edl": "markers for DaVinci Resolve",
    ".mid": "markers and tempo for a DAW",
    ".midi": "markers and tempo for a DAW",
    ".otio": "markers in OpenTimelineIO",
}


def export_spotting(spotting: Spotting, path: Path) -> None:
    """Write all hit points as a table, as MIDI markers, as a list of Resolve markers or as OpenTimelineIO markers.

    Arguments:
        spotting: Spotting as ``spot`` returned it.
        path: File to write; its suffix decides what is written (see ``FORMATS``).

    Raises:
        OutputError: The suffix is not one of ``FORMATS``, or the file cannot be written there.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise OutputError(
            f"Hit points cannot be exported as '{path.suffix}'" if suffix else "The file to export to has no suffix",
            where=path,
            hint=f"Give a name that ends in one of {', '.join(FORMATS)}",
        )
    _WRITERS[suffix](spotting, path)


def _write_csv(spotting: Spotting, path: Path) -> None:
    from emsync_bridge.timeline.spotting.csv_writer import write_spotting_csv

    write_spotting_csv(spotting, path)


def _write_edl(spotting: Spotting, path: Path) -> None:
    from emsync_bridge.timeline.markers.edl_list import spotting_markers, write_marker_edl

    write_marker_edl(spotting_markers(spotting), spotting, path)


def _write_midi(spotting: Spotting, path: Path) -> None:
    from emsync_bridge.timeline.markers.midi_file import write_spotting_midi

    write_spotting_midi(spotting, path)


def _write_otio(spotting: Spotting, path: Path) -> None:
    from emsync_bridge.timeline.markers.otio_file import write_spotting_otio

    write_spotting_otio(spotting, path)


_WRITERS = {".csv": _write_csv, ".edl": _write_edl, ".mid": _write_midi, ".midi": _write_midi, ".otio": _write_otio}
