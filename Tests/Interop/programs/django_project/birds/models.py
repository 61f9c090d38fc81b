# lakebase-swift · Apache License 2.0 · see LICENSE
"""Models, with fields that only PostgreSQL has."""

from django.contrib.auth.models import User
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Bird(models.Model):
    name = models.CharField(max_length=40, unique=True)
    songs = ArrayField(models.TextField(), default=list)
    seen_by = models.ForeignKey(User, on_delete=models.CASCADE)
    seen_at = models.DateTimeField(auto_now_add=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["seen_at"], name="birds_bird_seen_at_index")]
