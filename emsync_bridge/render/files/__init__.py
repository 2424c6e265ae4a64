"""Audio files: WAV, RF64 and Broadcast Wave with what is known of the music. The way in is ``wav.write_wav``."""
