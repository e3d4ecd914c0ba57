from impress.settings import Production


class Site(Production):
    # Each release has its own: in DATA_DIR all of them would share one folder.
    STATIC_ROOT = "${STATIC_ROOT}"
