"""Jobs of the bridge: requests, queue, worker, records. Entry point: ``execute``."""
