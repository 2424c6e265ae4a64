"""Conform: a cue carried over to a changed cut. Entry point: ``ScoringJob.conform``."""
