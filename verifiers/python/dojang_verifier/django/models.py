from django.conf import settings
from django.db import models


class DojangAccount(models.Model):
    """Links one account at an issuer to one local user. `subject` is unique only together with its issuer."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dojang_account")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="dojang_account_issuer_subject")]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"
