"""Who may see and do what. Pure rules; the rows are in `gateway.store.accounts`, the door is `api.gate`."""
