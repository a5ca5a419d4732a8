"""The store: one schema in two physical forms, TimescaleDB and plain PostgreSQL. SQL stands in .sql files."""
