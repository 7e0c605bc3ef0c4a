"""Addresses below /accounts/: allauth's, but for those that this portal answers itself."""

from allauth.account import views as allauth_views
from django.urls import include, path
from django.views.generic import RedirectView

from accounts import fresh, views

urlpatterns = [
    path(
        "signup/",
        RedirectView.as_view(pattern_name="account_request_login_code", query_string=True),
        name="account_signup",
    ),
    path("reauthenticate/", views.confirm, name="account_reauthenticate"),
    path("email/", fresh.required(allauth_views.email), name="account_email"),
    path("password/change/", fresh.required(allauth_views.password_change), name="account_change_password"),
    path("password/set/", fresh.required(allauth_views.password_set), name="account_set_password"),
    path("", include("allauth.urls")),
]
