# lakebase-swift · Apache License 2.0 · see LICENSE
"""The least that Django needs, with the database of the environment."""

import os

SECRET_KEY = "tests"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "birds"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        # A package beside this file: its backend is Django's own, and mints a token whenever it connects.
        "ENGINE": "minting",
        "HOST": os.environ["PGHOST"],
        "PORT": os.environ["PGPORT"],
        "NAME": os.environ["PGDATABASE"],
        "USER": os.environ["PGUSER"],
        "OPTIONS": {
            "sslmode": "verify-full",
            "sslrootcert": os.environ["PGSSLROOTCERT"],
            "options": f"-c search_path={os.environ['SCHEMA']}",
        },
        "CONN_MAX_AGE": 2700,
        "CONN_HEALTH_CHECKS": True,
    }
}
