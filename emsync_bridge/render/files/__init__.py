"""Audio files: WAV, RF64 and Broadcast Wave with what is known of the music. The entry point is ``wav.write_wav``."""
