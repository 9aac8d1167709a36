"""An HTTP interface inside: operations that an admin chose from its OpenAPI document."""
