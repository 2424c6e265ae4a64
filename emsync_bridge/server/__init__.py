"""Bridge, a local daemon that keeps models warm and serves editors and the page over HTTP on loopback."""
