"""``python -m bench [SECTION...]``: costs side by side in one run, as ratios. Never a test: machines differ."""

from __future__ import annotations

import argparse

from bench import chain, governing, stalled, wire

SECTIONS = {"wire": wire.run, "chain": chain.run, "governing": governing.run, "stalled": stalled.run}


def main() -> None:
    """Run the sections that are asked for, all without any."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="what to measure; all of it by default")
    for section in parser.parse_args().sections or SECTIONS:
        SECTIONS[section]()


if __name__ == "__main__":
    main()
