"""A local Slack-compatible workspace: a small Slack on loopback, with a page and a terminal client.

It imports nothing else of this application; a bot meets it only over the wire.
"""
