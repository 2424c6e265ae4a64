"""A desk with the entries installed, Resolve, and a bridge for all tests of this folder."""

import os

from resolve_fixtures import app, bridge, desk  # noqa: F401

if not hasattr(os, "mkfifo"):
    collect_ignore_glob = ["test_resolve_*.py"]  # named pipes carry the calls
