"""The checks of `tools/dev lint`: one a file, each a function that returns findings as 'path:line: what and what instead'."""
