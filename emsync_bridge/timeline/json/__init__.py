"""JSON documents with places: arrays changed, every other character kept. Way in: ``splice.JsonText``."""
