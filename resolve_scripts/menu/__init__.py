"""Menu entries in DaVinci Resolve: standard library and Python 3.6 only, copied by the installer.

These modules never run inside the bridge. Resolve runs them with whatever Python it found.
"""
