"""The enforcement ledger (台账): pure rules of a case's life. The rows are written by `gateway.store.cases`."""
