"""The command line: one command a file, tables for people, `--json` for programs."""
