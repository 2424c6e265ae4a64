"""Conform: a cue carried over to a changed cut. Way in: ``ScoringJob.conform``."""
