"""The two lists: read from CSV or XLSX, checked whole, imported all or nothing, compared with reality."""
