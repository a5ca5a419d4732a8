"""Simulated homes beside real ones: series, what is measured of them, a classifier that must find both hard, plots."""
