"""The program `pushpop`, also as `python -m pushpop`."""

import sys


def main() -> int:
    """Run the command of this process's arguments; returns the exit status."""
    try:
        from pushpop.cli.app import main as program  # some tenths of a second, in which Ctrl-C may come as well

        return program()
    except KeyboardInterrupt:
        sys.stderr.write("pushpop: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
