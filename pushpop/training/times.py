"""Times in words."""


def spoken(seconds: float) -> str:
    """A time for people.

    >>> spoken(7.2), spoken(75), spoken(7300)
    ('7 s', '1 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
