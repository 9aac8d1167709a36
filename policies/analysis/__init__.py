"""What a bundle's rules can and cannot do, proved rather than tried. Asked by policies/check.py."""
