"""Final Cut Pro 7 XML, as Premiere and Resolve write it. Entry point: ``reader`` and ``writer``."""
