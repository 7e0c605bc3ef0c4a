"""The portal as a WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

from cme_portal.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cme_portal.settings")
application = get_wsgi_application()
refuse_to_start()
