"""Jobs of the bridge: requests, queue, worker, records. Way in: ``execute``."""
