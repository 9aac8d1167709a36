"""Who answers where a model plans: a script, a recording, or the model itself."""
