"""The parts of tools/dev: one verb or one check a file, Python 3 standard library only."""
