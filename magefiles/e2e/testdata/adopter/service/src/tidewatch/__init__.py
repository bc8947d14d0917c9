"""The Tidewatch service."""
