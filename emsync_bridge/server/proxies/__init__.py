"""Movies that browsers can play, made of ProRes, HEVC, MXF and the like. Entry point: ``kept.Proxies``."""
