"""`python -m dermdash.cli` is `dermdash`."""

from dermdash.cli import main

if __name__ == "__main__":
    main()
