"""Who is visited when, and what a visit's finding does to the alerts behind it. The rules are pure."""
