from django.contrib.staticfiles import finders
from django.test import Client, TestCase

from .models import Entry
from .views import VERSION


class IndexTests(TestCase):
    def test_shows_the_version_and_what_was_written(self):
        Entry.objects.create(name="Ada", text="<b>hello</b>")
        response = self.client.get("/")
        self.assertContains(response, f'<p id="version">{VERSION}</p>', html=True)
        self.assertContains(response, "1 entry")
        self.assertContains(response, "&lt;b&gt;hello&lt;/b&gt;")

    def test_reading_writes_nothing(self):
        with self.assertNumQueries(2):
            self.client.get("/")

    def test_signing(self):
        response = self.client.post("/", {"name": "Ada", "text": "hello"})
        self.assertRedirects(response, "/")
        self.assertEqual(str(Entry.objects.get()), "Ada: hello")

    def test_signing_with_nothing_says_what_is_missing(self):
        self.assertContains(self.client.post("/", {"name": ""}), "This field is required.")
        self.assertEqual(Entry.objects.count(), 0)

    def test_signing_from_another_site_is_refused(self):
        response = Client(enforce_csrf_checks=True).post("/", {"name": "Ada", "text": "hello"})
        self.assertEqual(response.status_code, 403)

    def test_its_style_is_found(self):
        self.assertContains(self.client.get("/"), 'href="/static/pages/style.css"')
        self.assertIsNotNone(finders.find("pages/style.css"))


class HealthTests(TestCase):
    def test_answers_when_the_database_does(self):
        response = self.client.get("/health")
        self.assertEqual((response.status_code, response.content), (200, b"ok"))
