"""Stripe: refunds, pending payments, what is noted at a customer, and charges found by words."""
