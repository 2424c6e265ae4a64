"""Final Cut Pro 7 XML, as Premiere and Resolve write it. Way in: ``reader`` and ``writer``."""
