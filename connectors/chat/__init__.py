"""Chat: a message to another Slack channel, among those that the connection lists."""
