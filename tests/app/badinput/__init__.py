"""The parts of tests/app/bad_input.py: bad bytes by hand, for both protocols and the API, and what must come back."""
