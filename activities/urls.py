"""The catalogue, the activities' pages in all their forms, short addresses, and the disclosure form."""

from django.urls import path

from activities.views import catalogue, disclosure, page

app_name = "activities"
urlpatterns = [
    path("", catalogue.catalogue, name="catalogue"),
    path("activities/<slug:slug>/", page.activity_page, name="activity"),
    path("activities/<slug:slug>/page.pdf", page.activity_pdf, name="pdf"),
    path("activities/<slug:slug>/sessions.ics", page.activity_calendar, name="calendar"),
    path("a/<slug:code>", page.short_address, name="short"),
    path("a/<slug:code>/slide/", page.slide, name="slide"),
    path("a/<slug:code>/qr.png", page.qr_code, name="qr_code"),
    path("uploads/logos/<slug:name>.png", page.picture, name="picture"),
    path("providers/<int:pk>/logo.png", page.logo, name="logo"),
    path("disclosure/thanks/", disclosure.disclosed, name="disclosed"),
    path("disclosure/<str:token>/", disclosure.disclose, name="disclose"),
]
