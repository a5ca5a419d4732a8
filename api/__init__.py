"""The console: JSON API, live feed, pages."""
