"""The Teams side of the local workspace: the Bot Framework's connector protocol on loopback."""
