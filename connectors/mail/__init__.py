"""Mail: a message to people whom the connection lists, through a submission server (RFC 6409)."""
