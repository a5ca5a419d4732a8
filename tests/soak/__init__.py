"""The soak: hours of load under one fault after another, and a count of what became of every message."""
