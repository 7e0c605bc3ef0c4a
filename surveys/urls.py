"""Addresses of the way through an activity."""

from django.urls import path, register_converter

from surveys.kinds_in_addresses import KindConverter
from surveys.views import answering, outcome, points, study

register_converter(KindConverter, "survey")

app_name = "surveys"
urlpatterns = [
    path("activities/<slug:slug>/study/", study.study, name="study"),
    path("activities/<slug:slug>/study/<int:item>/", study.item, name="item"),
    path("activities/<slug:slug>/study/<int:item>/done/", study.finish, name="finish"),
    path("activities/<slug:slug>/study/<int:item>/played/", study.report, name="report"),
    path("activities/<slug:slug>/study/<int:item>/file/", study.file, name="file"),
    path("activities/<slug:slug>/study/<int:item>/captions.vtt", study.captions, name="captions"),
    path("credits/<slug:reference>/points/", points.ask, name="points"),
    path("activities/<slug:slug>/<survey:kind>/", answering.begin, name="begin"),
    path("activities/<slug:slug>/<survey:kind>/result/", outcome.result, name="result"),
    path("activities/<slug:slug>/<survey:kind>/<slug:key>/", answering.page, name="page"),
    path("activities/<slug:slug>/<survey:kind>/<slug:key>/save/", answering.save, name="save"),
]
