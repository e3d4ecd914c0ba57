from django.db import connection
from django.forms import modelform_factory
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from .models import Entry

VERSION = "v1"

EntryForm = modelform_factory(Entry, fields=["name", "text"])


@require_http_methods(["GET", "HEAD", "POST"])
def index(request):
    form = EntryForm(request.POST or None)
    if form.is_valid():
        form.save()
        return redirect("index")
    context = {
        "version": VERSION,
        "count": Entry.objects.count(),
        "entries": Entry.objects.all()[:20],
        "form": form,
    }
    return render(request, "pages/index.html", context)


@require_safe
def health(request):
    """A version that can't reach its database can't serve."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
