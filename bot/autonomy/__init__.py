"""How far workflows may go by themselves: what they have earned, lose, and are asked about."""
