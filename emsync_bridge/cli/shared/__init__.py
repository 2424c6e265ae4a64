"""Parts that several commands share: console output, options, destinations, numbers. Way in: ``options``."""
