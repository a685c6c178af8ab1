"""`python -m fxchain`."""

from fxchain.cli import main

if __name__ == "__main__":
    main()
