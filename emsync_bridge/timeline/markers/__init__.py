"""Hit markers in the formats that editors import."""
