"""The JSON API, one noun a file (contract, section 4)."""
