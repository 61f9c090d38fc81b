# lakebase-swift · Apache License 2.0 · see LICENSE
"""A column, rows changed by a program, and an index that is built while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def fill(apps, editor):
    apps.get_model("birds", "Bird").objects.update(facts={"small": True})


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("birds", "0001_initial")]
    operations = [
        migrations.AddField("bird", "facts", models.JSONField(default=dict)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently("bird", models.Index(fields=["seen_at"], name="birds_bird_seen_at_index")),
    ]
