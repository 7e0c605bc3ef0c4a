"""Addresses below /mail/, present only where settings.SHOW_MAILS is on."""

from django.urls import path

from outbox import views

app_name = "outbox"
urlpatterns = [
    path("", views.sent_mails, name="sent_mails"),
    path("<slug:name>/", views.sent_mail, name="sent_mail"),
    path("<slug:name>/<int:number>/", views.attachment, name="attachment"),
]
