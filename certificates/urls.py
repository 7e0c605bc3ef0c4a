"""Certificates to download and to verify."""

from django.urls import path

from certificates import views

app_name = "certificates"
urlpatterns = [
    path("certificates/<slug:number>.pdf", views.download, name="download"),
    path("verify/", views.verify, name="verify"),
    path("verify/<slug:code>/", views.verify_code, name="verify_code"),
]
