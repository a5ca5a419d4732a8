"""The gateway: takes device events in, keeps them, and follows what the detectors suspect to its end."""
