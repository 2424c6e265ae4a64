"""Pages of other programs on this computer, in a real browser: they get no secret and nothing done."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from page_driving import Driven

ATTEMPTS = """async ([bridge, job]) => {
    const said = {};
    const attempt = async (name, work) => {
        try { said[name] = await work(); } catch (problem) { said[name] = problem.name; }
    };
    const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
    const get = async (path, options) => (await fetch(bridge + path, options)).text();
    const body = JSON.stringify({ kind: "spot", source: "/etc/passwd" });
    const json = { "Content-Type": "application/json" };
    const load = (element) => new Promise((resolve) => {
        element.onload = element.onloadeddata = () => resolve("loaded");
        element.onerror = () => resolve("refused");
        document.body.append(element);
    });
    await attempt("read", () => get("/v1/jobs", { credentials: "include" }));
    await attempt("page", () => get("/"));
    await attempt("submit", () => get("/v1/jobs", { method: "POST", headers: json, body }));
    await attempt("blind", () => get("/v1/jobs", { method: "POST", mode: "no-cors", credentials: "include", body }));
    await attempt("stop", () => get("/v1/stop", { method: "POST", mode: "no-cors" }));
    await attempt("picture", () => load(make("img", { src: `${bridge}/v1/jobs/${job}/shots/0/thumbnail` })));
    await attempt("video", () => load(make("video", { src: `${bridge}/v1/jobs/${job}/video` })));
    await attempt("script", () => load(make("script", { src: `${bridge}/page/enter.js` })));
    await attempt("frame", async () => {
        const frame = make("iframe", { src: `${bridge}/` });
        await load(frame);
        return frame.contentDocument === null ? "closed" : frame.contentDocument.body.innerText;
    });
    await attempt("form", async () => {
        const frame = make("iframe", { name: "target" });
        const form = make("form", { method: "post", target: "target", enctype: "text/plain" });
        form.action = `${bridge}/v1/stop`;
        document.body.append(frame, form);
        form.submit();
        await new Promise((resolve) => setTimeout(resolve, 500));
        return "sent";
    });
    await attempt("window", async () => {
        const opened = window.open(bridge);
        await new Promise((resolve) => setTimeout(resolve, 500));
        const found = opened.sessionStorage.getItem("emsync.secret");
        opened.close();
        return String(found);
    });
    said.storage = JSON.stringify({ ...sessionStorage, ...localStorage });
    said.cookie = document.cookie;
    return said;
}"""


@contextmanager
def listening():
    """Serve an empty page as another program of this computer; give its port and the headers that it is sent."""
    heard = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>foreign</title><body>foreign</body>")

        def log_message(self, *_arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1], heard
        finally:
            server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_page_at_another_port_gets_no_secret_and_nothing_done(chromium, address, scored, host):
    context = chromium.new_context()
    driven = Driven(context.new_page(), address).open()
    secrets = driven.tab.evaluate("() => Object.values({ ...sessionStorage })")
    assert len(secrets) >= 2
    assert all(len(secret) > 40 for secret in secrets[:2])
    before = address.ask("GET", "/v1/jobs?limit=1000")
    job = scored.split("job=")[1].split("&")[0]
    foreign = context.new_page()
    with listening() as (port, heard):
        foreign.goto(f"http://{host}:{port}/")
        said = foreign.evaluate(ATTEMPTS, [address.url, job])
        foreign.goto(f"http://{host}:{port}/again")
    assert all("Cookie" not in headers for headers in heard)
    assert said["cookie"] == ""
    assert said["storage"] == "{}"
    for name in ("read", "page", "submit", "blind", "stop", "window"):
        assert said[name] in ("TypeError", "SecurityError"), (name, said[name])
    assert said["picture"] == said["video"] == said["script"] == "refused"
    assert said["frame"] in ("closed", "SecurityError")
    everything = str(said) + str(heard)
    assert not any(secret in everything for secret in secrets)
    assert address.ask("GET", "/v1/jobs?limit=1000") == before
    driven.tab.reload()
    driven.tab.wait_for_selector("#choose", state="attached")
    assert driven.complaints == []
    context.close()


def test_another_port_that_knows_the_name_of_a_secret_reads_none(chromium, address):
    """Storage belongs to one port; a cookie would have been sent to every port."""
    context = chromium.new_context()
    driven = Driven(context.new_page(), address).open()
    assert context.cookies() == []
    with listening() as (port, _):
        driven.tab.goto(f"http://127.0.0.1:{port}/")
        assert driven.tab.evaluate("() => sessionStorage.getItem('emsync.secret')") is None
    context.close()
