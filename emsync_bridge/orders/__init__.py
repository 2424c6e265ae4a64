"""Orders in markers and settings for single stretches of a cut: of the music, and of its level under speech."""
