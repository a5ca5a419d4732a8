"""The demonstration: a simulated estate, from its past to its live devices, on one machine."""
