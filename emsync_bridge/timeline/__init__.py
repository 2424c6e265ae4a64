"""Editors' timelines in and out: one reader per format into the cut model, spotting, write-back by insertion."""
