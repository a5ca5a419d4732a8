"""The monthly report (月报): figures, then one layout of them, then a spreadsheet or a document."""
