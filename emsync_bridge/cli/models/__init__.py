"""``emsync models``: networks and generators on this computer, fetched and imported. Entry point: ``command``."""
