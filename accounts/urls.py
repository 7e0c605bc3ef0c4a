"""Addresses below /profile/."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("reminders/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
