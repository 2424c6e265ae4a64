"""``python -m emsync_bridge``: the command, where its script is not on the path."""

from emsync_bridge.cli import main

main(prog_name="emsync")
