"""`python -m bot`: the same as `assent`."""

from bot.cli import main

main()
