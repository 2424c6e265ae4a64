"""``emsync models``: networks and generators on this computer, fetched and imported. Way in: ``command``."""
