"""From the store through the detectors to alerts: the panel, a run, the loop, and the comparison with known truth."""
