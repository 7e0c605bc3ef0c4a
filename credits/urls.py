"""Addresses below /credits/."""

from django.urls import path

from credits import views

app_name = "credits"
urlpatterns = [
    path("", views.my_credits, name="my_credits"),
    path("<slug:reference>/", views.claim, name="claim"),
]
