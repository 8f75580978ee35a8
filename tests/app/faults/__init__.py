"""What the fault cases against the real server share."""
