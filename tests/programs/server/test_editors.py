"""A menu script that stays and takes orders from the page."""

import threading
import time

import pytest


@pytest.fixture(scope="module")
def done(bridge, cut):
    return bridge.done(kind="spot", source=str(cut))["id"]


def register(bridge, name="resolve"):
    return bridge.http.post("/v1/editors", json={"name": name, "project": "P", "timeline": "T"}).json()["id"]


def test_an_order_from_the_page_reaches_the_editor_that_waits_for_it(bridge, done):
    editor = register(bridge)
    there = bridge.http.get("/v1/editors").json()
    assert {"id": editor, "name": "resolve", "project": "P", "timeline": "T"} in there
    got = []
    waiting = threading.Thread(
        target=lambda: got.append(bridge.http.get(f"/v1/editors/{editor}/orders", params={"wait": 20}).json())
    )
    waiting.start()
    time.sleep(0.2)
    order = bridge.http.post(f"/v1/editors/{editor}/orders", json={"place": done}).json()["order"]
    waiting.join(10)
    assert got == [{"order": order, "place": done}]
    url = f"/v1/editors/{editor}/orders/{order}"
    assert bridge.http.get(url).json() == {"state": "waiting", "message": ""}
    bridge.http.post(url, json={"state": "placed", "message": "on track 5"})
    assert bridge.http.get(url).json() == {"state": "placed", "message": "on track 5"}


def test_orders_wait_for_an_editor_that_is_busy_and_come_in_order(bridge, done):
    editor = register(bridge)
    orders = [bridge.http.post(f"/v1/editors/{editor}/orders", json={"place": done}).json()["order"] for _ in range(2)]
    got = [bridge.http.get(f"/v1/editors/{editor}/orders", params={"wait": 0}).json() for _ in range(3)]
    assert [each.get("order") for each in got] == [*orders, None]
    assert got[-1] == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v1/editors", {"name": "x" * 2000}, 422),
        ("POST", "/v1/editors", {"project": "P"}, 422),
        ("GET", "/v1/editors/nobody/orders", None, 404),
        ("GET", "/v1/editors/{editor}/orders?wait=3600", None, 422),
        ("POST", "/v1/editors/{editor}/orders", {"place": "0123456789abcdef"}, 404),
        ("POST", "/v1/editors/{editor}/orders", {"place": "../.."}, 422),
        ("GET", "/v1/editors/{editor}/orders/1", None, 404),
        ("POST", "/v1/editors/{editor}/orders/1", {"state": "placed", "message": "m"}, 404),
    ],
)
def test_orders_that_make_no_sense_are_refused(bridge, method, path, body, status):
    path = path.format(editor=register(bridge))
    answer = bridge.http.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["what"]
