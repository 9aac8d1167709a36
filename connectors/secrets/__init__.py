"""Where the secrets of connections come from: named by a reference, fetched for a session."""
