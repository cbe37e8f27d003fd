"""``python -m worker`` is ``pubcat``."""

from worker.cli.main import main

if __name__ == "__main__":
    main()
