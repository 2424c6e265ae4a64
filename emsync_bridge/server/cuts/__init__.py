"""Cuts that the bridge knows: their edits, their versions, and the list of them. Entry point: ``catalogue``."""
