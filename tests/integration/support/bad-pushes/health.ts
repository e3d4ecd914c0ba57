import { addField, append, migration, write, type BadPush } from "./bad-push";

/** Pushes whose application starts and can't serve. */
export const health: BadPush[] = [
  {
    what: "a health path that fails",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'raise ValueError("unwell")\n    return HttpResponse("ok"',
      ),
    reads: /REFUSED at health: \/health answered 500\n.*ValueError: unwell/s,
  },
  {
    what: "a front page that fails, beside a health path that does not",
    make: (site) =>
      site.edit(
        "pages/views.py",
        "    form = EntryForm",
        '    raise ValueError("unwell")\n    form = EntryForm',
      ),
    reads: /REFUSED at health: \/ answered 500\n.*ValueError: unwell/s,
  },
  {
    what: "settings for another host name",
    make: (site) =>
      append(site, "codebase/settings/test.py", 'ALLOWED_HOSTS = ["another.example.org"]'),
    reads: /REFUSED at health: \/health answered 400\n.*ALLOWED_HOSTS/s,
  },
  {
    what: "a redirect to https, which nobody serves",
    make: (site) => append(site, "codebase/settings/test.py", "SECURE_SSL_REDIRECT = True"),
    reads: /REFUSED at health: .* redirects to https, .*\n.*`tls: /,
  },
  {
    what: "one that fails after a migration that works",
    make: (site) => {
      write(site, "pages/migrations/0002_colour.py", migration(addField));
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'raise ValueError("unwell")\n    return HttpResponse("ok"',
      );
    },
    reads: /undone: pages\.0002_colour.*REFUSED at health: \/health answered 500/s,
  },
  {
    what: "one that is not there",
    make: (site) => site.edit("codebase/urls.py", /"health/, '"sickness'),
    reads: /REFUSED at health: \/health answered 404/,
  },
  {
    what: "one that redirects in a circle",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'return redirect("/health")\n    return HttpResponse("ok"',
      ),
    reads: /REFUSED at health: \/health redirects in a circle: \/health -> \/health/,
  },
  {
    what: "one that is too slow",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'return HttpResponse("ok"',
        'import time; time.sleep(60)\n    return HttpResponse("ok"',
      ),
    // The first page of a worker has the time of a boot.
    reads: /REFUSED at health: \/health did not answer within 10 s\n.*limits\.health/s,
  },
  {
    what: "static files that nginx can't read",
    make: (site) =>
      append(site, "deploy.sh", "umask 077\nmkdir ../static/built\necho >../static/built/own.css"),
    reads:
      /REFUSED at health: \/static\/built\/own\.css answered 404 through nginx\n.*static\/built is closed to nginx \(its mode is 2?700\)/,
  },
  {
    what: "a front page that names a script which is not there",
    make: (site) =>
      site.edit(
        "pages/templates/pages/index.html",
        "</head>",
        '<script src="/static/pages/none.js"></script></head>',
      ),
    reads:
      /REFUSED at health: \/static\/pages\/none\.js answered 404 through nginx\n.*none of that name/,
  },
  {
    what: "a page with more of a head than nginx takes",
    make: (site) =>
      site.edit(
        "pages/views.py",
        'content_type="text/plain"',
        'content_type="text/plain", headers={"X-Large": "x" * 9000}',
      ),
    reads: /REFUSED at health: \/health answered 200, and through nginx 502\n.*error\.log/,
  },
];
