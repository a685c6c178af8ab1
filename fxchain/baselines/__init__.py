"""What a match is measured against."""
