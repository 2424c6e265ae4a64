"""Many cuts at once: a list of jobs, each one ``emsync score`` in a process of its own. Entry point: ``run.run_batch``.

The truth lies in files. A job is done when the cue in its folder carries the digest of its inputs, options and version;
an engine may die at any moment, and the same line run again does what is left.
"""
