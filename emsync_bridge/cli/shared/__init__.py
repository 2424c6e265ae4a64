"""Parts that several commands share: console output, options, destinations, numbers. Entry point: ``options``."""
