"""A person's words become a plan, a question or a refusal: data in, data out."""
