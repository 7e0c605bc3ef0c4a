"""Addresses below /reports/."""

from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [path("<int:pk>/", views.correct, name="correct")]
