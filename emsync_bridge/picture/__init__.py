"""Media behind the timeline: relinking, probing, frames and sound, shot detection."""
