from django.apps import AppConfig


class DojangConfig(AppConfig):
    name = "dojang_verifier.django"
    label = "dojang_verifier"
    verbose_name = "Dojang"
    default_auto_field = "django.db.models.BigAutoField"
