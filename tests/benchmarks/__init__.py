import dermdash  # noqa: F401  before numpy, which then multiplies with one thread as it does in the app
