"""Extractors of affect from picture and sound that need no download. Way in: ``interface`` and ``observe``."""
