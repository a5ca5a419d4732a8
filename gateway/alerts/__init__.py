"""The life of an alert: pure rules that say what changes, and why. The rows are written by `gateway.store.alerts`."""
