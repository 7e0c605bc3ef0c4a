"""Certificates to download, to be mailed, and to verify."""

from django.urls import path

from certificates.views import mailed, own, verify

app_name = "certificates"
urlpatterns = [
    path("certificates/", mailed.send, name="send"),
    path("certificates/list/<str:token>/", mailed.mailed, name="mailed"),
    path("certificates/list/<str:token>/<slug:number>.pdf", mailed.mailed_pdf, name="mailed_pdf"),
    path("certificates/<slug:number>.pdf", own.download, name="download"),
    path("certificates/<slug:number>/name/", own.correct_name, name="correct_name"),
    path("verify/", verify.verify, name="verify"),
    path("verify/file/", verify.verify_file, name="verify_file"),
    path("verify/<slug:code>/", verify.verify_code, name="verify_code"),
]
