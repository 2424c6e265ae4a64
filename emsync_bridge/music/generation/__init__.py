"""Token by token generation under constraints: whole pieces, sections and streams. Entry point: ``compose``."""
