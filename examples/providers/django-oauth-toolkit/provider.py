"""A Django project in one file that serves django-oauth-toolkit with its device grant.

The device pages and all protocol behaviour are the package's own, sign-in is Django's own.
`python provider.py prepare` creates the database with clients and people.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from oauthlib.oauth2 import DeviceApplicationServer

ISSUER = f"http://127.0.0.1:{os.environ['PORT']}"
SECRET = "example-kiosk-secret-for-loopback"
LOGIN_PAGE = (
    "<!doctype html><title>Sign in</title><form method=post>{% csrf_token %}{{ form.as_p }}"
    "<input type=hidden name=next value='{{ next }}'><button>Sign in</button></form>"
)


class DeviceServer(DeviceApplicationServer):
    """oauthlib's server; the package has no setting for the life of a device code."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._expires_in = int(os.environ["TTL"])


def signing_key() -> str:
    """The RSA key for ID tokens, made once per database."""
    file = Path(os.environ["DATABASE"]).with_suffix(".pem")
    if not file.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.touch(mode=0o600)
        file.write_bytes(pem)
    return file.read_text("ascii")


settings.configure(
    SECRET_KEY="only for an example on loopback, where nothing is worth protecting",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    LOGIN_URL="/login/",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE"],
            "OPTIONS": {"timeout": 20},
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"login.html": LOGIN_PAGE}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": signing_key(),
        "SCOPES": {"openid": "Who you are", "profile": "Your name", "email": "Your address"},
        "OAUTH_DEVICE_VERIFICATION_URI": f"{ISSUER}/o/device/",
        "OAUTH_DEVICE_VERIFICATION_URI_COMPLETE": lambda code: (
            f"{ISSUER}/o/device/?user_code={code}"
        ),
    },
)
django.setup()

from django.contrib.auth.views import LoginView  # noqa: E402 -- Django must be set up first
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.views import DeviceAuthorizationView  # noqa: E402


class DeviceView(DeviceAuthorizationView):
    """The package's view, with codes that live as long as TTL says."""

    server_class = DeviceServer


urlpatterns = [
    path("login/", LoginView.as_view(template_name="login.html")),
    path("o/device-authorization/", DeviceView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
application = get_wsgi_application()


def prepare() -> None:
    """Create the tables, three clients with the device grant, one without, and two people."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0, interactive=False)
    people = get_user_model().objects
    people.create_user("alice", "alice@people.example", "example-alice", first_name="Alice")
    people.create_user("bob", "bob@people.example", "example-bob", first_name="Bob")
    model = get_application_model()
    register = functools.partial(model.objects.create, algorithm="RS256")
    device = model.GRANT_DEVICE_CODE
    for client_id, kind, grant in (
        ("tv", model.CLIENT_PUBLIC, device),
        ("radio", model.CLIENT_PUBLIC, device),
        ("kiosk", model.CLIENT_CONFIDENTIAL, device),
        ("web-only", model.CLIENT_PUBLIC, model.GRANT_AUTHORIZATION_CODE),
    ):
        register(
            client_id=client_id,
            name=client_id,
            client_type=kind,
            client_secret=SECRET if kind == model.CLIENT_CONFIDENTIAL else "",
            authorization_grant_type=grant,
            redirect_uris="" if grant == device else "https://shop.example/callback",
        )


if __name__ == "__main__":
    if sys.argv[1:] != ["prepare"]:
        raise SystemExit("usage: python provider.py prepare")
    # ROOT_URLCONF is "__main__" now; whoever imports the module by its name must get this one.
    sys.modules["provider"] = sys.modules["__main__"]
    prepare()
