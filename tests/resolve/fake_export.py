"""Exports of the fake Resolve: small, real files in Resolve's shapes."""

import json
from pathlib import Path

from fake_rates import drops

WRITERS = {}


def write_export(timeline, path, kind, subtype):
    """Write one export; False for a kind that is unknown or a folder that is missing, and no file then."""
    target = Path(path)
    if kind not in WRITERS or not target.parent.is_dir():
        return False
    if kind == "EXPORT_EDL" and subtype not in ("EXPORT_NONE", "EXPORT_CDL", "EXPORT_SDL", "EXPORT_MISSING_CLIPS"):
        return False
    WRITERS[kind](timeline, target)
    return True


def _writer(kind):
    def keep(function):
        WRITERS[kind] = function
        return function

    return keep


def _time(value, rate):
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}


def _range(start, length, rate):
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(start, rate),
        "duration": _time(length, rate),
    }


@_writer("EXPORT_OTIO")
def _otio(timeline, path):
    rate = float(timeline._rate())
    start = timeline._start()
    tracks = []
    for kind in ("video", "audio"):
        for index, track in enumerate(timeline._tracks[kind], 1):
            children, at = [], start
            for item in sorted(track["items"], key=lambda one: one._start):
                if item._start > at:
                    gap = {"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": _range(0, item._start - at, rate)}
                    children.append(gap)
                children.append(_clip(item, rate))
                at = item._start + item._length
            name = track["name"] or f"{kind.title()} {index}"
            tracks.append({"OTIO_SCHEMA": "Track.1", "name": name, "kind": kind.title(), "children": children})
    markers = [
        {
            "OTIO_SCHEMA": "Marker.2",
            "name": marker["name"],
            "color": marker["color"].upper(),
            "marked_range": _range(start + frame, marker["duration"], rate),
            "metadata": {"Resolve_OTIO": {"Keywords": [], "Note": marker["note"]}},
        }
        for frame, marker in sorted(timeline._markers.items())
    ]
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "", "children": tracks, "markers": markers}
    document = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": timeline._name,
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "global_start_time": _time(start, rate),
        "tracks": stack,
    }
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")


def _clip(item, rate):
    media_start = 86400  # the media's own timecode, 01:00:00:00 at 24
    file = item._source._path if item._source else ""
    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": item._name,
        "target_url": file,
        "available_range": _range(media_start, item._length + 100, rate),
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": item._name,
        "source_range": _range(media_start + item._offset, item._length, rate),
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _clips(timeline):
    return [item for track in timeline._tracks["video"] for item in track["items"]]


@_writer("EXPORT_FCPXML_1_10")
def _fcpxml(timeline, path):
    path.mkdir()  # a folder, whatever the suffix
    rate = timeline._rate()
    per_frame = 1 / rate

    def seconds(frames):
        value = frames * per_frame
        return f"{value.numerator}/{value.denominator}s"

    start = timeline._start()
    assets = "".join(
        f'<asset id="r{n + 2}" name="{item._name}" start="0s" duration="{seconds(item._length)}" format="r1"'
        f' hasVideo="1"><media-rep kind="original-media" src="file:///media/{item._name}"/></asset>'
        for n, item in enumerate(_clips(timeline))
    )
    spine = "".join(
        f'<asset-clip ref="r{n + 2}" name="{item._name}" offset="{seconds(item._start)}" start="0s"'
        f' duration="{seconds(item._length)}"/>'
        for n, item in enumerate(_clips(timeline))
    )
    mark = "DF" if drops(timeline._rate_text()) else "NDF"
    (path / "Info.fcpxml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.10"><resources>'
        f'<format id="r1" frameDuration="{seconds(1)}"/>{assets}</resources><library><event><project'
        f' name="{timeline._name}"><sequence format="r1" tcStart="{seconds(start)}" tcFormat="{mark}"'
        f' duration="{seconds(timeline.GetEndFrame() - start)}"><spine>{spine}</spine></sequence></project></event>'
        "</library></fcpxml>\n",
        encoding="utf-8",
    )


@_writer("EXPORT_FCP_7_XML")
def _xmeml(timeline, path):
    rate = timeline._rate()
    ntsc = "TRUE" if rate.denominator != 1 else "FALSE"
    base = f"<rate><timebase>{-(-rate.numerator // rate.denominator)}</timebase><ntsc>{ntsc}</ntsc></rate>"
    start = timeline._start()
    items = "".join(
        f'<clipitem id="c{n}"><name>{item._name}</name>{base}<start>{item._start - start}</start>'
        f"<end>{item._start - start + item._length}</end><in>0</in><out>{item._length}</out></clipitem>"
        for n, item in enumerate(_clips(timeline))
    )
    mark = "DF" if drops(timeline._rate_text()) else "NDF"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="5"><sequence>'
        f"<name>{timeline._name}</name><duration>{timeline.GetEndFrame() - start}</duration>{base}"
        f"<timecode><string>{timeline._start_timecode}</string><frame>{start}</frame>"
        f"<displayformat>{mark}</displayformat>{base}</timecode>"
        f"<media><video><track>{items}</track></video></media></sequence></xmeml>\n",
        encoding="utf-8",
    )


@_writer("EXPORT_EDL")
def _edl(timeline, path):
    mark = "DROP FRAME" if drops(timeline._rate_text()) else "NON-DROP FRAME"
    lines = [f"TITLE: {timeline._name}", f"FCM: {mark}", ""]
    for number, item in enumerate(_clips(timeline), 1):
        edges = [0, item._length, item._start, item._start + item._length]
        lines.append(f"{number:03}  AX       V     C        " + " ".join(timeline._label(edge) for edge in edges))
        lines.append(f"* FROM CLIP NAME: {item._name}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
