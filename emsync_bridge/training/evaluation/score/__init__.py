"""The proof of whole pieces: twelve fixed cuts measured beside written scores. Way in: ``table``."""
