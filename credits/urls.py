"""Addresses below /credits/."""

from django.urls import path

from credits.views import mine, transcript

app_name = "credits"
urlpatterns = [
    path("", transcript.my_credits, name="my_credits"),
    path("late/<str:token>/", mine.late, name="late"),
    path("<slug:reference>/", mine.claim, name="claim"),
    path("<slug:reference>/change/", mine.amend, name="amend"),
]
