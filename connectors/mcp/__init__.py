"""An MCP server inside: tools that an admin allowed, each known to read or to write."""
