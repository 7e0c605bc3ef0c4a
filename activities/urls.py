"""The catalogue and the activities' pages."""

from django.urls import path

from activities import views

app_name = "activities"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("activities/<slug:slug>/", views.activity_page, name="activity"),
]
