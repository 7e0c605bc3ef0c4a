"""People in the staff admin: who they are, how they sign in, and what they may do."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import TabularInline

from accounts.models import Consent, Identifier, User
from accounts.services import change_address
from accounts.signed_in import person
from audit.admin import RecordedAdmin

admin.site.unregister(Group)
admin.site.unregister(EmailAddress)  # an address is proved by its code, never by a tick in a table


class IdentifierInline(TabularInline):
    """Numbers at boards and licensing bodies."""

    model = Identifier
    extra = 0


class ConsentInline(TabularInline):
    """Permissions, to read only: they are the person's own words."""

    model = Consent
    extra = 0
    can_delete = False
    readonly_fields = ("purpose", "reference", "text", "given_at", "withdrawn_at")

    def has_add_permission(self, *_args: object) -> bool:
        """Nobody gives a permission for somebody else."""
        return False


class PersonAddForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new person without a password: they sign in by mailed code and may choose one themselves."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "degrees", "profession")

    def save(self, commit: bool = True) -> User:
        """Save the person with no usable password."""
        self.instance.set_unusable_password()
        self.instance.entered_by_office = True
        user: User = super().save(commit)
        return user


@admin.register(User)
class PersonAdmin(UserAdmin, RecordedAdmin):  # type: ignore[type-arg, misc]
    """One person. Nobody sets another's password: the mailed code signs in, and its owner may choose one."""

    form = forms.ModelForm
    list_display = ("__str__", "email", "profession", "country", "is_staff")
    list_filter = ("profession", "is_staff", "is_active")
    search_fields = ("email", "first_name__spelled", "last_name__spelled", "=member_number")
    ordering = ("last_name", "first_name")
    readonly_fields = ("last_login", "date_joined")
    inlines = (IdentifierInline, ConsentInline)
    change_form_before_template = "admin/person_links.html"
    fieldsets = (
        (None, {"fields": ("email",)}),
        ("As on board record", {"fields": ("first_name", "last_name", "degrees", "profession", "country")}),
        ("At the society", {"fields": ("member_number", "wants_reminders")}),
        ("Birthday", {"fields": ("birth_month", "birth_day")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_form = PersonAddForm
    add_fieldsets = ((None, {"fields": PersonAddForm.Meta.fields}),)
    filter_horizontal = ("user_permissions",)

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:  # type: ignore[type-arg]
        """Save the person; a corrected address is the only one that signs in from then on."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            change_address(user=obj, earlier=form.initial["email"], actor=person(request))

    def user_change_password(self, *_args: object, **_kwargs: object) -> HttpResponse:
        """Django's page for another's password does not exist here."""
        raise Http404

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only superusers change members of staff: whoever could would be as mighty as they are."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_staff or _is_superuser(request))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let only superusers delete members of staff, and several people at once, for staff may be among them."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (_is_superuser(request) or (obj is not None and not obj.is_staff))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Let only superusers make somebody a member of staff."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else (*fields, "is_staff", "is_superuser", "user_permissions")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show the birthday only to those who may change it: boards recognize people by it."""
        found = super().get_fieldsets(request, obj)
        return found if self.has_change_permission(request, obj) else [row for row in found if row[0] != "Birthday"]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
