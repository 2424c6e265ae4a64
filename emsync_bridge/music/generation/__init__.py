"""Token by token generation under constraints: whole pieces, sections and streams. Way in: ``compose``."""
