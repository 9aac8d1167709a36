"""Our own stand-in for Jira Cloud: strict, stateful, and stricter than Jira where it can be.

Written from Atlassian's public documentation of the REST API v3: "Issues", "Issue comments",
"Issue comment properties", "Issue properties", "Issue search" (enhanced), "Users", "User search",
"Projects", "Server info", "Myself", "Rate limiting", "Permissions" and "Atlassian Document Format"
(developer.atlassian.com/cloud/jira/platform), and the schemas `IssueUpdateDetails`,
`EntityProperty` and `HistoryMetadata` of its OpenAPI document 1001.0.0-SNAPSHOT. It refuses query
parameters, fields and document nodes that are not in there, which Jira mostly ignores.
"""
