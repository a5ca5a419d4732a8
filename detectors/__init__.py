"""Detectors: pure functions from arrays of unit × day to findings with evidence. No I/O, no clock."""
