# lakebase-swift · Apache License 2.0 · see LICENSE
"""Goes through the migrations as `manage.py migrate` does, and uses the models on the way; says on each line where it is."""

import django
from django.core.management import call_command
from django.db import connection

django.setup()


def tables():
    return [name for name in connection.introspection.table_names() if name.startswith("birds_")]


call_command("migrate", "auth", verbosity=0)
call_command("migrate", "birds", "0001", verbosity=0)
print("first", *tables())

from birds.models import Bird  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402

user = User.objects.create_user("ringer")
with connection.cursor() as cursor:
    statement = "INSERT INTO birds_bird (name, songs, seen_at, seen_by_id) VALUES (%s, %s, now(), %s)"
    cursor.execute(statement, ["wren", ["trill"], user.id])
call_command("migrate", verbosity=0)
# Exits with an error if the models say something else than the migrations.
call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
bird = Bird.objects.get(facts__small=True, songs__contains=["trill"])
print("second", bird.name, bird.seen_by.username, bird.seen_at.tzinfo)
connection.close()
Bird.objects.create(name="robin", seen_by=user, facts={"red": "breast"})
print("third", Bird.objects.count(), *connection.introspection.get_constraints(connection.cursor(), "birds_bird"))
call_command("migrate", "birds", "zero", verbosity=0)
print("fourth", len(tables()))
call_command("migrate", "auth", "zero", verbosity=0)
