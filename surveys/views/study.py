"""What there is to study: disclosures first, then the parts, each as often as one likes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import signed_in
from activities import markup, ranges, statements, uploads, videos
from activities.models import Activity, ContentItem, Progress
from activities.services import study as services
from surveys.pathway import Way
from surveys.services import studying
from surveys.standing import Standing
from surveys.steps import State
from surveys.views import door

SEE_CONTENT = "activities.view_contentitem"
FRAMES = {"frame-src": [host.origin for host in videos.HOSTS]}
View = Callable[..., HttpResponseBase]


@login_required
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """Show disclosures and support to who has not read them yet, then the parts; on POST keep that they were read."""
    activity, way, now = *_way(request, slug), timezone.now()
    part = way.step_of_part()
    if not way.standing.items:
        return redirect(activity)
    if _is_preview(activity):
        return redirect("surveys:item", slug=slug, item=way.standing.items[0].pk)
    if part.state not in {State.OPEN, State.DONE}:
        return door.refuse(request, activity, part)
    if request.method == "POST":
        studying.begin(activity=activity, learner=signed_in.person(request), now=now)
        return redirect("surveys:study", slug=slug)
    context = {"activity": activity, "steps": way.steps, "part": part}
    if way.standing.participation is None:
        full = Activity.objects.with_words().get(pk=activity.pk)
        context |= {"activity": full, "words": statements.of(full)}
        return render(request, "surveys/disclosures.html", context)
    parts = [(item, way.item(item), way.standing.progress.get(item.pk)) for item in way.standing.items]
    onward = [step for _, step, _ in parts if step.is_open] + [step for step in way.steps if step.is_open]
    following = next((step for step in onward if step.key not in {"details", "pre-test"}), None)
    return render(request, "surveys/study.html", context | {"parts": parts, "following": following})


def _behind_the_door(view: View) -> View:
    """Give a view the item, and the way to it, if the learner may study it now; otherwise say why not."""

    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, slug: str, item: int) -> HttpResponseBase:
        activity, way = _way(request, slug)
        found = next((row for row in way.standing.items if row.pk == item), None)
        if found is None:
            raise Http404
        if _is_preview(activity):
            return view(request, found, way=way)
        if way.standing.participation is None:
            return redirect("surveys:study", slug=slug)
        step = way.item(found)
        if step.state not in {State.OPEN, State.DONE}:
            return door.refuse(request, activity, step)
        return view(request, found, way=way)

    return guarded


@csp_update(FRAMES)
@_behind_the_door
def item(request: HttpRequest, item: ContentItem, way: Way) -> HttpResponse:
    """Show one part; where a recording was left, it goes on."""
    if _is_preview(way.activity):
        return _show(request, way, item, Progress(item=item))
    progress = services.open_item(item=item, learner=signed_in.person(request), now=timezone.now())
    return _show(request, way, item, progress)


@_behind_the_door
def finish(request: HttpRequest, item: ContentItem, way: Way) -> HttpResponse:
    """On POST mark a part as done and go to the next; a recording must have been played."""
    here = redirect("surveys:item", slug=way.activity.slug, item=item.pk)
    if request.method != "POST" or _is_preview(way.activity):
        return here
    try:
        services.finish(item=item, learner=signed_in.person(request), now=timezone.now())
    except Progress.DoesNotExist:
        return here
    except services.NotPlayed as refusal:
        messages.error(request, f"Not enough of it was played yet: {item.share} % is needed. {refusal}")
        return here
    following = _neighbour(way, item, 1)
    if following is None:
        return redirect("surveys:study", slug=way.activity.slug)
    return redirect("surveys:item", slug=way.activity.slug, item=following.pk)


@_behind_the_door
@require_POST
def report(request: HttpRequest, item: ContentItem, **_way: Way) -> JsonResponse:
    """Keep where a player is; answers how much was played, as the server counts it."""
    try:
        position, start, end = (int(request.POST[name]) for name in ("position", "start", "end"))
        progress = services.report(
            item=item, learner=signed_in.person(request), position=position, span=(start, end), now=timezone.now()
        )
    except (KeyError, ValueError, Progress.DoesNotExist):
        return JsonResponse({"refused": "There is no such place in this recording."}, status=400)
    return JsonResponse({"percent": progress.percent, "enough": progress.seconds >= item.needed})


@_behind_the_door
def file(request: HttpRequest, item: ContentItem, way: Way) -> HttpResponseBase:
    """Give the file of a part that was opened, whole or in the ranges that players ask for."""
    if not _is_opened(way, item):
        return redirect("surveys:item", slug=way.activity.slug, item=item.pk)
    if not item.file or not item.file.storage.exists(str(item.file.name)):
        raise Http404
    try:
        with item.file.open("rb") as stored:
            served_as = uploads.content_type(stored)
    except ValidationError:
        raise Http404 from None
    return ranges.answer(item.file, request.headers.get("Range", ""), served_as)


@_behind_the_door
def captions(_request: HttpRequest, item: ContentItem, way: Way) -> HttpResponseBase:
    """Give the captions of a video that was opened."""
    if not _is_opened(way, item):
        return redirect("surveys:item", slug=way.activity.slug, item=item.pk)
    if not item.captions or not item.captions.storage.exists(str(item.captions.name)):
        raise Http404
    return ranges.answer(item.captions, "", "text/vtt; charset=utf-8")


def _show(request: HttpRequest, way: Way, item: ContentItem, progress: Progress) -> HttpResponse:
    items = way.standing.items
    player = videos.player(item.address) if item.kind == item.Kind.VIDEO and item.address else None
    context: dict[str, Any] = {
        "activity": way.activity,
        "item": item,
        "progress": progress,
        "html": markup.html(item.text),
        "player": player,
        "preview": _is_preview(way.activity),
        "player_address": player.address(progress.position) if player else "",
        "number": items.index(item) + 1,
        "items": items,
        "previous": _neighbour(way, item, -1),
        "following": _neighbour(way, item, 1),
    }
    return render(request, "surveys/item.html", context)


def _neighbour(way: Way, item: ContentItem, offset: int) -> ContentItem | None:
    place = way.standing.items.index(item) + offset
    return way.standing.items[place] if 0 <= place < len(way.standing.items) else None


def _is_opened(way: Way, item: ContentItem) -> bool:
    return item.pk in way.standing.progress or _is_preview(way.activity)


def _is_preview(activity: Activity) -> bool:
    """Whether staff look at a draft: then every part is open, and nothing is kept."""
    return not activity.is_visible


def _way(request: HttpRequest, slug: str) -> tuple[Activity, Way]:
    """Return a visible activity, or a draft to staff who may see its content, and the person's way through it."""
    activities = Activity.objects.all() if request.user.has_perm(SEE_CONTENT) else Activity.objects.visible()
    activity = get_object_or_404(activities.with_credit(), slug=slug)
    return activity, Way(Standing(activity, signed_in.person(request)), timezone.now())
