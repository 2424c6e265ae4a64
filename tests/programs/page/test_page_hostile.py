"""Names from a foreign timeline on the page: they are text, whatever they say."""

import json

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(1)</script>\'"><svg onload=alert(1)>{{7*7}}${7*7}'


def time_of(value, rate=24):
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def span(start, duration):
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time_of(start), "duration": time_of(duration)}


def hostile_cut(folder):
    """Write a timeline all names of which try to be markup."""
    marker = {
        "OTIO_SCHEMA": "Marker.2",
        "name": HOSTILE,
        "marked_range": span(12, 1),
        "comment": HOSTILE,
        "color": "RED",
    }
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": f"/nowhere/{HOSTILE}.mov"}
    clips = [
        {
            "OTIO_SCHEMA": "Clip.1",
            "name": HOSTILE,
            "source_range": span(0, 72),
            "media_reference": media,
            "markers": [marker],
        }
        for _ in range(3)
    ]
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "name": HOSTILE, "children": clips}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track], "markers": [marker]}
    path = folder / "hostile <b>cut<b>.otio"
    path.write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": HOSTILE, "tracks": stack}))
    return path


def test_names_in_a_cut_are_text(tab, tmp_path):
    dialogs = []
    tab.tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    before = tab.count("script")
    tab.read(hostile_cut(tmp_path))
    for name in ("hits", "mood", "files"):
        tab.tab.locator(f"#tab-{name}").click()
        tab.drawn()
    tab.compose(players="piano")
    for field in ("name", "note"):
        tab.tab.fill(f"#version-{field}", HOSTILE[:40])
        tab.tab.press(f"#version-{field}", "Enter")
    tab.tab.wait_for_selector(".version:has-text('onerror')")
    tab.tab.goto(tab.address)
    tab.tab.wait_for_selector("#path", state="visible")
    tab.tab.fill("#path", f"{tmp_path}/{HOSTILE}.otio")
    tab.tab.press("#path", "Enter")
    tab.tab.wait_for_selector(".error[role=alert]")
    assert "<img src=x onerror=" in tab.text(".error-words")
    assert tab.count("script") == before
    assert tab.count("img[src='x'], svg[onload], [onerror]") == 0
    assert dialogs == []
    tab.complaints = [said for said in tab.complaints if "422" not in said]  # the browser itself notes refused requests
    assert "49" not in tab.tab.title()
