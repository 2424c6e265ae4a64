"""Extractors of affect from picture and sound that need no download. Entry point: ``interface`` and ``observe``."""
