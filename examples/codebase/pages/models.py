from django.db import models


class Entry(models.Model):
    """What a visitor wrote into the guest book."""

    name = models.CharField(max_length=80)
    text = models.CharField(max_length=500)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-written_at", "-id"]
        verbose_name_plural = "entries"

    def __str__(self):
        return f"{self.name}: {self.text}"
