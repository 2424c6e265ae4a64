"""``emsync mcp`` over stdio, asked by the client of the protocol's own SDK."""

import asyncio
import sys

import pytest
from bridge_running import environment, short_cut
from own_loop import outside

mcp = pytest.importorskip("mcp")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agent")
    for name in ("films", "other", "home"):
        (folder / name).mkdir()
    short_cut(folder / "films", 6)
    short_cut(folder / "films", 7, name="longer")
    short_cut(folder / "other", 4)
    return folder


@pytest.fixture(scope="module", autouse=True)
def stopped(place):
    yield
    outside(stop(place))


async def stop(place):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emsync_bridge", "serve", "--stop", env=environment(place / "home")
    )
    await process.wait()


def agent(place, work, *folders):
    """Let an agent work with the server in a process of its own; return what it says."""
    allowed = [f"--allow={place / name}" for name in folders or ("films",)]
    server = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "emsync_bridge", "mcp", *allowed], env=environment(place / "home")
    )

    async def run():
        async with mcp.Client(server, read_timeout_seconds=240) as client:
            return await work(client)

    return outside(run())


async def told(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content[0].text
    return result.structured_content


async def refused(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.structured_content
    text = result.content[0].text
    assert "Traceback" not in text
    return text


def test_the_tools_are_listed_with_words_and_the_guide(place):
    async def work(client):
        return await client.list_tools(), client.instructions

    listed, guide = agent(place, work)
    tools = {tool.name: tool for tool in listed.tools}
    wanted = {"spot", "feel", "score", "redo", "conform", "place", "status", "options", "job", "cancel"}
    assert set(tools) == wanted
    assert all(tool.description for tool in tools.values())
    assert "films" in guide
    assert all(f"`{name}`" in guide for name in ("spot", "feel", "score", "redo", "conform", "place"))


def test_from_a_cut_to_a_changed_one(place):
    films = place / "films"

    async def work(client):
        spotted = await told(client, "spot", source=str(films / "short.otio"))
        assert [hit["time"] for hit in spotted["hits"] if hit["kind"] == "cut"] == [1.0, 2.0, 3.0, 4.0, 5.0]
        felt = await told(client, "feel", source=str(films / "short.otio"), emotion={"mood": "joy"})
        assert felt["mood"][0]["valence"] > 0
        scored = await told(
            client, "score", source=str(films / "short.otio"), out=str(films / "music"), takes=2, seed=3, wait=240
        )
        assert scored["state"] == "done"
        assert [take["seed"] for take in scored["takes"]] == [3, 4]
        again = await told(client, "redo", job=scored["job"], start=2.0, end=4.0, seed=9, wait=240)
        assert again["state"] == "done"
        conformed = await told(
            client,
            "conform",
            cue=scored["files"]["cue"],
            source=str(films / "longer.otio"),
            out=str(films / "conformed"),
        )
        assert conformed["state"] == "done"
        assert {hit["state"] for hit in conformed["conform"]["hits"]} & {"kept", "moved"}
        return scored, again, conformed, await told(client, "status")

    scored, again, conformed, status = agent(place, work)
    assert all(path.startswith(str(films / "music")) for path in scored["files"].values())
    assert all(path.startswith(str(films / "conformed")) for path in conformed["files"].values())
    assert {scored["job"], again["job"], conformed["job"]} <= {job["job"] for job in status["jobs"]}


@pytest.mark.parametrize(
    "where", ["other/short.otio", "films/../other/short.otio", "films/link.otio", "films/folder/short.otio"]
)
def test_nothing_outside_of_the_allowed_folders_is_touched(place, where):
    films, link, folder = place / "films", place / "films" / "link.otio", place / "films" / "folder"
    if not link.is_symlink():
        link.symlink_to(place / "other" / "short.otio")
        folder.symlink_to(place / "other")

    async def work(client):
        path, own = f"{place}/{where}", str(films / "short.otio")
        outside = str((place / where).parent / "music")
        said = [await refused(client, tool, source=path) for tool in ("spot", "feel", "score")]
        said.append(await refused(client, "score", source=own, emotion={"picture": path}))
        said.append(await refused(client, "score", source=own, emotion={"media_roots": [path]}))
        said.append(await refused(client, "score", source=own, render={"sfz": [f"violins={path}"]}))
        said.append(await refused(client, "score", source=own, render={"certificate_key": path}))
        said.append(await refused(client, "conform", cue=path, source=own, out=str(films / "x")))
        if "link" not in where:
            said.append(await refused(client, "score", source=own, out=outside))
        return said

    said = agent(place, work)
    assert all("outside the folders that the user has allowed" in text for text in said), said
    assert sorted(path.name for path in (place / "other").iterdir()) == ["short.otio"]


def test_failures_say_what_to_do(place):
    films = place / "films"
    (films / "broken.otio").write_text("{")

    async def work(client):
        return [
            await refused(client, "spot", source="short.otio"),
            await refused(client, "spot", source=str(films / "nowhere.otio")),
            await refused(client, "spot", source=str(films / "broken.otio")),
            await refused(client, "spot", source=str(films / "short.otio"), read={"min_gaps": 1}),
            await refused(client, "redo", job="0123456789abcdef", start=0, end=1),
            await refused(client, "conform", cue=str(films / "no.cue.json"), source=str(films / "short.otio")),
            await refused(client, "conform", cue=str(films / "short.otio"), source=str(films / "short.otio")),
            await refused(client, "job", job="../../etc"),
            await refused(client, "place", job="0123456789abcdef"),
        ]

    said = agent(place, work)
    words = (
        *("absolute", "not found", "broken.otio", "min_gaps", "not found"),
        *("no.cue.json", "short.otio", "job", "editor"),
    )
    for text, word in zip(said, words, strict=True):
        assert word in text


def test_a_long_job_goes_on_and_can_be_asked_for_and_stopped(place):
    short_cut(place / "films", 300, name="long")

    async def work(client):
        begun = await told(client, "score", source=str(place / "films" / "long.otio"), wait=0)
        assert begun["state"] in ("queued", "running")
        later = await told(client, "job", job=begun["job"], wait=0.3)
        assert later["state"] in ("queued", "running")
        return await told(client, "cancel", job=begun["job"])

    assert agent(place, work)["state"] == "cancelled"


def test_without_a_folder_it_does_not_start(place):
    async def run(*options):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "emsync_bridge", "mcp", *options),
            env=environment(place / "home"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, said = await process.communicate()
        return process.returncode, out.decode(), said.decode()

    assert outside(run())[0] == 2
    code, _, said = outside(run("--allow", str(place / "nowhere")))
    assert code == 1
    assert "does not exist" in said
    code, guide, _ = outside(run("--skill"))
    assert code == 0
    assert guide.startswith("---\nname: emsync\n")
