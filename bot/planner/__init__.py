"""From a person's words to a plan, a question or a refusal. Data in, data out: nothing is written."""
