"""JSON documents with places: arrays changed, every other character kept. Entry point: ``splice.JsonText``."""
