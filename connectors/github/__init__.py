"""GitHub: teams, roles in repositories, issues, protected branches; github.com or a server."""
