"""XML with byte offsets and limits, and insertion that keeps every other byte."""
