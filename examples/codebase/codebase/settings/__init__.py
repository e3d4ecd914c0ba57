"""One module per environment, as in Rails. DJANGO_SETTINGS_MODULE chooses; common.py is shared."""


def load_tests(loader, tests, pattern):
    """Tell `manage.py test` not to look in here: test.py holds settings, not tests."""
    return tests
