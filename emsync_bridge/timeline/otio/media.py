"""Kind and media of an OpenTimelineIO clip: picture, title, generator, adjustment or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio

from emsync_bridge.files.urls import is_absolute, to_path
from emsync_bridge.timeline.cut.model import LeafKind
from emsync_bridge.timeline.otio.editor_dialect import EditorDialect
from emsync_bridge.timeline.otio.rate import seconds

# What editors call the items that change the picture below and show nothing themselves.
_ADJUSTMENT = re.compile(r"\b(adjustment (clip|layer)|transparent video)\b", re.IGNORECASE)
_MEDIA_NAME = re.compile(
    r"\.(3gp|avi|braw|cine|dng|dpx|exr|gif|jpe?g|m2ts|m4v|mkv|mov|mp4|mpe?g|mts|mxf|png|psd|r3d|tga|tiff?|webm|wmv)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ClipMedia:
    """Media of a clip.

    Arguments:
        kind: Kind as in the cut model.
        media: Path or URL as the document gives it, under the bundle's folder where it is relative to one.
        begin: Seconds in the media's own timecode at which the file begins; None when unknown.
        length: Seconds of the file; None when unknown.
    """

    kind: LeafKind
    media: str | None = None
    begin: Fraction | None = None
    length: Fraction | None = None


def media_of_clip(clip: otio.schema.Clip, dialect: EditorDialect, bundle: Path | None) -> ClipMedia:
    """Return what a clip shows.

    Arguments:
        clip: The clip.
        dialect: Editor that wrote it. Editors leave titles without a media reference; other programs leave out the
            reference of any clip.
        bundle: Folder that relative media counts from, where the document lies in one.
    """
    reference = clip.media_reference
    if not _url(reference):
        others = (other for other in clip.media_references().values() if _url(other))
        reference = next(others, reference)
    begin = length = None
    if reference is not None and (available := reference.available_range) is not None:
        begin, length = seconds(available.start_time), seconds(available.duration)
    url = _url(reference)
    if url:
        inside = bundle is not None and not is_absolute(url)
        return ClipMedia("picture", str(bundle / to_path(url)) if bundle and inside else url, begin, length)
    if isinstance(reference, otio.schema.GeneratorReference):
        return ClipMedia("generator", None, begin, length)
    name = clip.name or ""
    if _ADJUSTMENT.search(name):
        return ClipMedia("adjustment")
    missing = reference is None or isinstance(reference, otio.schema.MissingReference)
    if missing and dialect is not EditorDialect.PLAIN and not _MEDIA_NAME.search(name):
        return ClipMedia("title", None, begin, length)
    return ClipMedia("missing", None, begin, length)


def _url(reference: otio.core.MediaReference | None) -> str:
    """Return where the media of a reference lies, as the document gives it; empty when it does not say."""
    if isinstance(reference, otio.schema.ExternalReference):
        return reference.target_url or ""
    if isinstance(reference, otio.schema.ImageSequenceReference):
        base = reference.target_url_base or ""
        slash = "/" if base and not base.endswith(("/", "\\")) else ""
        number = f"%0{reference.frame_zero_padding}d" if reference.frame_zero_padding else "%d"
        return f"{base}{slash}{reference.name_prefix}{number}{reference.name_suffix}"
    if isinstance(reference, otio.schema.MissingReference):
        # Resolve writes where the media of an offline clip was.
        resolve = reference.metadata.get(EditorDialect.RESOLVE.value)
        stated = resolve.get("Media Url") if isinstance(resolve, Mapping) else None
        return stated if isinstance(stated, str) else ""
    return ""
