"""The installer on all three systems: every folder that Resolve may look in, and nothing that is not its own."""

import ast
import json
import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from emsync_bridge import __version__
from emsync_bridge.cli import main
from emsync_bridge.errors import OutputError
from emsync_bridge.resolve.advice import survey
from emsync_bridge.resolve.folders import HostSystem, bridge_home, menus
from emsync_bridge.resolve.install import ENTRIES, MARK, ascii_path, install, is_ours, plan, uninstall

PRODUCT = "Blackmagic Design/DaVinci Resolve"
CONTAINER = "Library/Containers/com.blackmagic-design.DaVinciResolveLite"

USER = {
    "linux": [".local/share/DaVinciResolve"],
    "win32": [f"AppData/Roaming/{PRODUCT}"],
    "darwin": [f"Library/Application Support/{PRODUCT}", CONTAINER],
}
USER_MENUS = {
    "linux": [".local/share/DaVinciResolve/Fusion/Scripts/Utility"],
    "win32": [f"AppData/Roaming/{PRODUCT}/Support/Fusion/Scripts/Utility"],
    "darwin": [
        f"Library/Application Support/{PRODUCT}/Fusion/Scripts/Utility",
        f"{CONTAINER}/Data/Library/Application Support/Fusion/Scripts/Utility",
        f"{CONTAINER}/Data/Library/Application Support/{PRODUCT}/Fusion/Scripts/Utility",
    ],
}
SHARED = {
    "linux": ["opt/resolve", "home/resolve"],
    "win32": [f"ProgramData/{PRODUCT}"],
    "darwin": [f"Library/Application Support/{PRODUCT}"],
}
SHARED_MENUS = {
    "linux": ["opt/resolve/Fusion/Scripts/Utility", "home/resolve/Fusion/Scripts/Utility"],
    "win32": [f"ProgramData/{PRODUCT}/Fusion/Scripts/Utility"],
    "darwin": [f"Library/Application Support/{PRODUCT}/Fusion/Scripts/Utility"],
}
systems = pytest.mark.parametrize("name", ["linux", "win32", "darwin"])


def computer(tmp_path, name, *, user=True, shared=False):
    home, root = tmp_path / "Users" / "Zoë 'O\"Neil", tmp_path / "disk"
    for base, wanted, folders in ((home, user, USER), (root, shared, SHARED)):
        base.mkdir(parents=True, exist_ok=True)
        for folder in folders[name] if wanted else []:
            (base / folder).mkdir(parents=True)
    return HostSystem(name, home, root)


@systems
@pytest.mark.parametrize("all_users", [False, True])
def test_entries_go_into_every_folder_that_resolve_looks_in(tmp_path, name, all_users):
    system = computer(tmp_path, name, user=not all_users, shared=all_users)
    wanted = plan(system, all_users=all_users)
    install(wanted)
    base, folders = (system.root, SHARED_MENUS) if all_users else (system.home, USER_MENUS)
    for folder in folders[name]:
        menu = base / folder
        assert sorted(path.stem for path in (menu / "emsync").glob("*.py")) == sorted(ENTRIES)
        assert sorted(path.stem for path in (menu / "emsync Lua").glob("*.lua")) == sorted(ENTRIES)
        assert [path.name for path in (menu / "emsync").glob("*.lua")] == ["Check installation (Lua).lua"]
        assert {path.name for path in menu.iterdir()} == {"emsync", "emsync Lua"}  # no helper becomes an entry
    written = {path for top in (system.home, system.root) for path in top.rglob("*") if path.is_file()}
    assert written == {one.path for one in wanted}
    scanned = [one.path for one in wanted if "Scripts" in one.path.parts]
    assert len(scanned) == (2 * len(ENTRIES) + 1) * len(folders[name])
    assert all(is_ours(path) for path in written)
    assert uninstall(system, all_users=not all_users) == []
    assert set(uninstall(system, all_users=all_users)) == written
    assert not [path for top in (system.home, system.root) for path in top.rglob("*") if path.is_file()]


@systems
def test_what_is_baked_in_is_read_back_whatever_the_paths_hold(tmp_path, name):
    system = computer(tmp_path, name)
    python = "C:\\Python 3\\python.exe" if name == "win32" else "/opt/py thön/bin/python3"
    wanted = plan(system, python=python)
    menu = menus(system, all_users=False)[0]
    entry = next(one for one in wanted if one.path.name == "Play live.py")
    entry.text.encode("ascii")
    settings = next(
        ast.literal_eval(node.value)
        for node in ast.parse(entry.text, feature_version=(3, 6)).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SETTINGS"
    )
    assert settings["command"] == [python, "-m", "emsync_bridge", "serve", "--detach"]
    assert settings["helpers"] == str(menu.helpers)
    assert settings["home"] == str(bridge_home(system))
    assert settings["version"] == __version__
    assert settings["protocol"] == 1
    if shutil.which("luajit"):
        entry = next(one for one in wanted if one.path.name == "Play live.lua")
        names = '{"helpers", "home", "command", "windowless", "protocol"}'
        look = f"for _, name in ipairs({names}) do print(settings[name]) end os.exit(0)"
        (tmp_path / "probe.lua").write_text(
            entry.text.replace("local loaded, menu", f"{look}\nlocal loaded, menu"), encoding="utf-8"
        )
        said = subprocess.run(["luajit", tmp_path / "probe.lua"], capture_output=True, encoding="utf-8", check=True)
        command = f'"{python}"' if name == "win32" else f"'{python}'"
        assert said.stdout.splitlines() == [
            str(menu.helpers),
            str(bridge_home(system)),
            f"{command} -m emsync_bridge serve --detach",
            '"C:\\Python 3\\pythonw.exe" -E -m emsync_bridge serve --detach' if name == "win32" else "",
            "1",
        ]


def test_a_bridge_with_a_folder_of_its_own_is_started_by_the_shell_which_can_name_it(tmp_path):
    system = computer(tmp_path, "win32")
    system.variables["EMSYNC_BRIDGE_HOME"] = "D:\\bridge"
    entry = next(one for one in plan(system, python="C:\\python.exe") if one.path.name == "Play live.lua")
    assert '["windowless"] = ""' in entry.text


@systems
def test_without_resolve_nothing_is_written(tmp_path, name):
    system = computer(tmp_path, name, user=False)
    assert plan(system) == []
    assert plan(system, all_users=True) == []
    assert any("Resolve was not found" in advice for advice in survey(system)["advice"])


def test_a_file_of_somebody_else_is_never_touched(tmp_path):
    system = computer(tmp_path, "linux")
    menu = menus(system, all_users=False)[0].category
    foreign = menu / "emsync" / "Play live.py"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("print('mine')\n")
    with pytest.raises(OutputError, match="not written by emsync") as problem:
        install(plan(system))
    assert problem.value.where == str(foreign)
    assert [path for path in system.home.rglob("*") if path.is_file()] == [foreign]
    foreign.unlink()
    install(plan(system))
    (menu / "emsync" / "Another tool.py").write_text("print('mine')\n")
    (menu / "emsync Lua" / "notes.txt").write_text(f"about {'x' * 500}\n{MARK}\n")
    uninstall(system)
    left = sorted(path.name for path in system.home.rglob("*") if path.is_file())
    assert left == ["Another tool.py", "notes.txt"]


def test_a_new_version_replaces_the_old_one_and_what_it_no_longer_has(tmp_path):
    system = computer(tmp_path, "linux")
    wanted = plan(system)
    install(wanted)
    gone = wanted[0].path.with_name("An entry of old.py")
    gone.write_text(wanted[0].text.replace(f"'{__version__}'", "'0.0.1'"))
    wanted[0].path.write_text(f"# {MARK}\nold\n")
    assert any("of another version" in advice for advice in survey(system)["advice"])
    assert install(wanted) == [gone]
    assert wanted[0].path.read_text() == wanted[0].text
    assert survey(system)["advice"] == []


def test_a_folder_that_cannot_be_written_to_changes_nothing(tmp_path):
    system = computer(tmp_path, "linux")
    (menus(system, all_users=False)[0].product / "Fusion").write_text("a file in the way")
    with pytest.raises(OutputError, match="cannot be made"):
        install(plan(system))
    assert not list(system.home.rglob("*.py"))


def test_an_install_for_all_users_bakes_in_no_home(tmp_path):
    system = computer(tmp_path, "darwin", user=False, shared=True)
    entry = next(one for one in plan(system, all_users=True) if one.path.name == "Play live.py")
    assert "'home': ''" in entry.text
    assert str(system.home) not in entry.text


def test_installing_twice_and_the_app_store_are_spoken_of(tmp_path):
    system = computer(tmp_path, "darwin", shared=True)
    install(plan(system))
    install(plan(system, all_users=True))
    advice = " ".join(survey(system)["advice"])
    assert "each shows twice" in advice
    assert "The App Store build is shut off" in advice


def test_what_python_resolve_will_find_on_a_mac(tmp_path):
    system = computer(tmp_path, "darwin")
    install(plan(system))
    assert any("will find no Python" in advice for advice in survey(system)["advice"])
    framework = system.root / "Library/Frameworks/Python.framework/Versions/3.12"
    for path in (framework / "bin/python3", framework / "lib/libpython3.12.dylib"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    usual = system.root / "usr/local/bin"
    usual.mkdir(parents=True)
    (usual / "python3").symlink_to(framework / "bin/python3")
    assert not any("Python" in advice for advice in survey(system)["advice"])
    (framework / "lib/libpython3.12.dylib").unlink()  # as Homebrew and pyenv leave it
    assert any("will find no Python" in advice for advice in survey(system)["advice"])
    application = system.root / "Applications/DaVinci Resolve/DaVinci Resolve.app/Contents"
    application.mkdir(parents=True)
    (application / "Info.plist").write_bytes(plistlib.dumps({"CFBundleShortVersionString": "21.1.0"}))
    found = survey(system)
    assert found["resolve"] == "21.1.0"  # it brings its own Python
    assert not any("will find no Python" in advice for advice in found["advice"])


def test_windows_gets_its_advice(tmp_path):
    assert any("installed for all users" in advice for advice in survey(computer(tmp_path, "win32"))["advice"])


def test_the_commands(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EMSYNC_BRIDGE_HOME", str(tmp_path / "bridge"))
    runner = CliRunner()
    missing = runner.invoke(main, ["resolve", "install"])
    assert missing.exit_code == 1
    assert "DaVinci Resolve was not found. Start Resolve once" in missing.output
    (tmp_path / ".local/share/DaVinciResolve").mkdir(parents=True)
    dry = json.loads(runner.invoke(main, ["resolve", "install", "--dry-run", "--json"]).stdout)
    assert dry["done"] is False
    assert not any(Path(path).exists() for path in dry["written"])
    done = runner.invoke(main, ["resolve", "install"])
    assert done.exit_code == 0
    assert "Workspace > Scripts > emsync" in done.output
    assert all(Path(path).exists() for path in dry["written"])
    status = json.loads(runner.invoke(main, ["resolve", "status", "--json"]).stdout)
    (place,) = [place for place in status["places"] if place["present"]]
    assert (place["python"], place["lua"], place["versions"]) == (8, 9, [__version__])
    assert "from 21.1 on  Lua entries only" in runner.invoke(main, ["resolve", "status"]).output
    gone = json.loads(runner.invoke(main, ["resolve", "uninstall", "--json"]).stdout)
    assert sorted(gone["removed"]) == sorted(dry["written"])
    assert "nothing to remove" in runner.invoke(main, ["resolve", "uninstall"]).output


def test_lua_on_windows_is_given_short_names_for_letters_outside_of_ascii():
    known = {"C:\\Users\\Müller": "C:\\Users\\MLLER~1", "C:\\": "C:\\"}

    def short(path):
        return known.get(path, "")

    assert ascii_path("C:\\Users\\Müller\\AppData\\emsync", short) == "C:\\Users\\MLLER~1\\AppData\\emsync"
    assert ascii_path("C:\\Users\\Miller\\emsync", short) == "C:\\Users\\Miller\\emsync"
    for path in ("C:\\Users\\Łukasz\\emsync", "D:\\Ü"):  # no short names on this disk
        assert ascii_path(path, short) == path
