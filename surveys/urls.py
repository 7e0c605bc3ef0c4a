"""Addresses of the Request for Credit."""

from django.urls import path

from surveys import views

app_name = "surveys"
urlpatterns = [
    path("activities/<slug:slug>/request/", views.request_for_credit, name="request"),
    path("activities/<slug:slug>/request/<slug:key>/", views.page, name="page"),
    path("activities/<slug:slug>/request/<slug:key>/save/", views.save, name="save"),
]
