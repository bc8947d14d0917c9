"""What the build puts beside the server: `ui/` holds the built web UI and is never committed."""
