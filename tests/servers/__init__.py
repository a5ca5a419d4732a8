"""The real servers that tests run against: one file a server, each with its fixtures."""
