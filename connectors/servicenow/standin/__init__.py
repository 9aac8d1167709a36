"""Our own stand-in for a ServiceNow instance: strict, stateful, and stricter where it can be.

Written from ServiceNow's public documentation: "Table API", "Supported REST API headers" (paging by
Link and X-Total-Count), "Table API FAQs" (KB0534905), "Encoded query strings" and "Operators
available for filters and queries", "Inbound REST API rate limiting", "Incident Management state
model" (KB0564465) and "OAuth 2.0" (client credentials). It refuses parameters, fields, parts of
queries, choices and references that an instance would ignore or store without a word; a test can
make it as lenient as an instance is.
"""
