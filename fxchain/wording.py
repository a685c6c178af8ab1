"""Numbers with nouns in messages."""


def counted(number: object, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is written 1 or -1.

    Args:
        number: printed as it is; a float of one is "1.0 samples", as figures with a decimal are
        noun: in the singular, of those whose plural only adds an s
    """
    written = f"{number}"
    return f"{written} {noun}{'' if written in ('1', '-1') else 's'}"
