"""Every address of the portal."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from cme_portal import views
from outbox import events

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one sign-in, rate-limited

urlpatterns = [
    path("health", views.health, name="health"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),  # one place for all
    path("admin/r/<path:rest>", views.not_found),  # it would tell staff without rights who has which certificate
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.sign_in_urls")),
    path("profile/", include("accounts.urls")),
    path("", include("surveys.urls")),
    path("credits/", include("credits.urls")),
    path("reports/", include("reporting.urls")),
    path("", include("certificates.urls")),
    path("", include("activities.urls")),
]
urlpatterns += events.routes()
urlpatterns += [path("mail/", include("outbox.urls"))] if settings.SHOW_MAILS else []
