"""The way in: broker → codec → validate → batch → one transaction → acknowledge; or quarantine, with a reason."""
