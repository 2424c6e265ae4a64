"""Event codec, tempo plan, conditions, model, decoding, checkpoints, composer."""
