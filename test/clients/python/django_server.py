"""The libraries for Django."""

import os
import sys

import django
from django.core.management import call_command, execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
django.setup()
call_command("migrate", verbosity=0)
execute_from_command_line(sys.argv)
