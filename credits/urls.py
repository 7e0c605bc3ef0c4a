"""Addresses below /credits/."""

from django.urls import path

from credits.views import mine, transcript

app_name = "credits"
urlpatterns = [
    path("", transcript.my_credits, name="my_credits"),
    path("transcript.csv", transcript.table, name="table"),
    path("transcript.pdf", transcript.paper, name="paper"),
    path("elsewhere/", transcript.add_outside, name="add_outside"),
    path("elsewhere/<int:row>/", transcript.change_outside, name="outside"),
    path("elsewhere/<int:row>/document/", transcript.document, name="document"),
    path("late/<str:token>/", mine.late, name="late"),
    path("<slug:reference>/", mine.claim, name="claim"),
    path("<slug:reference>/change/", mine.amend, name="amend"),
    path("<slug:reference>/change/total/", mine.total, name="total"),
    path("<slug:reference>/permission/", mine.change_permission, name="change_permission"),
]
