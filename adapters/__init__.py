"""The OpenTimelineIO plugin: adapters found through its manifest."""
