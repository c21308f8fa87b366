import os
import sys

from django.core.management import execute_from_command_line
from django.core.management.commands.runserver import Command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# Django itself does not read PORT.
Command.default_port = os.environ.get("PORT", "8000")
execute_from_command_line(sys.argv)
