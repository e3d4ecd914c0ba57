"""What nginx-site.sh finds of others that has a name of the site, and which setting it names for what nginx refuses."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from support.site import ROOT  # the line before finds it

SCRIPT = os.path.join(ROOT, "server", "resources", "nginx-site.sh")
SITE = """\
upstream greenpush-shop { server unix:/home/deploy/www/var/socket; }
server {
    listen 80;
    listen [::]:80;
    server_name shop.example.org .example.net;
}
server {
    listen 80;
    server_name ~^(?<greenpush_slot>blue|green)\\.shop\\.greenpush\\.invalid$;
}
"""


class Others(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="greenpush-test-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        for folder in ("work", "nginx/conf.d", "nginx/sites-enabled", "letsencrypt/renewal"):
            os.makedirs(os.path.join(self.folder, folder))
        self.write("work/site", SITE)
        self.write("nginx/nginx.conf", "http { include conf.d/*.conf; server { server_name _; } }\n")

    def write(self, path, text):
        with open(os.path.join(self.folder, path), "w", encoding="utf-8") as file:
            file.write(text)

    def run_function(self, name):
        program = f""". {SCRIPT}
        name=shop; work={self.folder}/work; nginx_folder={self.folder}/nginx; letsencrypt={self.folder}/letsencrypt
        enabled=$nginx_folder/sites-enabled/greenpush-shop; tab=$(printf '\\t')
        {name}"""
        words = ["sh", "-eu", "-c", program]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    def others(self):
        return self.run_function("by_others").replace(self.folder, "").splitlines()

    def test_nothing_is_said_of_other_names_and_of_greenpush_s_own_files(self):
        self.write("nginx/sites-enabled/greenpush-shop", SITE)
        self.write("nginx/sites-enabled/blog", "server { listen 80; server_name blog.example.org *.example.org; }\n")
        self.write("nginx/conf.d/off", "server { server_name shop.example.org; }\n")
        self.write("nginx/conf.d/comment.conf", "# server { server_name shop.example.org; }\n")
        self.write("nginx/conf.d/log.conf", "map $host $own { shop.example.org 1; }\n")
        self.assertEqual(self.others(), [])

    def test_of_two_with_a_name_nginx_takes_the_one_that_it_reads_first(self):
        block = (
            'server {\n  server_name\n    "SHOP.example.org"\n    other.example.org;\n  location / { return 204; }\n}\n'
        )
        for place in ("nginx/conf.d/own.conf", "nginx/sites-enabled/a"):
            with self.subTest(place):
                self.write(place, block)
                says = f"takes\t/{place}: has shop.example.org too, and nginx takes that one"
                self.assertEqual(self.others(), [says])
                os.remove(os.path.join(self.folder, place))
        self.write("nginx/sites-enabled/zz", block)
        says = "ignored\t/nginx/sites-enabled/zz: has shop.example.org too, which nginx ignores there"
        self.assertEqual(self.others(), [says])

    def test_up_ends_where_nginx_would_take_the_other_one(self):
        check = 'gp_fail() { echo "failed: $1"; exit 0; }; by_others >"$work/others"; names_are_ours; echo went on'
        self.write("nginx/sites-enabled/a", "server { server_name shop.example.org; }\n")
        says = f"failed: {self.folder}/nginx/sites-enabled/a: has shop.example.org too, and nginx takes that one\n"
        self.assertEqual(self.run_function(check), says)
        os.remove(os.path.join(self.folder, "nginx/sites-enabled/a"))
        self.write("nginx/sites-enabled/zz", "server { server_name shop.example.org; }\n")
        noted = f'gp_applied() {{ return 1; }}; gp_note() {{ echo "$1"; }}; {check}'
        says = f"{self.folder}/nginx/sites-enabled/zz: has shop.example.org too, which nginx ignores there\nwent on\n"
        self.assertEqual(self.run_function(noted), says)

    def test_a_name_with_a_dot_in_front_is_two(self):
        self.write("nginx/conf.d/one.conf", "server { listen *:80; server_name example.net; }\n")
        self.write("nginx/conf.d/two.conf", "server { listen 192.0.2.1; server_name *.example.net; }\n")
        said = [line.split("\t")[1].split(",")[0] for line in self.others()]
        wanted = ["/nginx/conf.d/one.conf: has example.net too", "/nginx/conf.d/two.conf: has *.example.net too"]
        self.assertEqual(said, wanted)

    def test_on_another_port_it_is_said_unless_it_passes_to_the_site(self):
        block = "server { listen [::]:443 ssl; server_name shop.example.org; location / { %s } }\n"
        self.write("nginx/conf.d/own.conf", block % "root /srv;")
        self.assertEqual(self.others(), ["stands\t/nginx/conf.d/own.conf: has shop.example.org too, on port 443"])
        self.write("nginx/conf.d/own.conf", block % "proxy_pass http://greenpush-shop;")
        self.assertEqual(self.others(), [])

    def test_certbot_s_certificates_are_said_unless_the_site_has_them(self):
        lineage = "letsencrypt/renewal/shop.example.org-0001.conf"
        self.write(lineage, "[renewalparams]\nauthenticator = nginx\n")
        says = "certbot renews a certificate for shop.example.org, which nginx does not use for this site"
        self.assertEqual(self.others(), [f"stands\t/{lineage}: {says}"])
        certificate = f"{self.folder}/letsencrypt/live/shop.example.org-0001/fullchain.pem"
        self.write("work/site", SITE.replace("listen [::]:80;", f"ssl_certificate {certificate};"))
        self.assertEqual(self.others(), [])
        self.write("letsencrypt/renewal/other.conf", "[[webroot_map]]\nexample.net = /var/www\n")
        self.write("letsencrypt/renewal/greenpush-shop.conf", "[[webroot_map]]\nexample.net = /var/www\n")
        says = "certbot renews a certificate for example.net, which nginx does not use for this site"
        self.assertEqual(self.others(), [f"stands\t/letsencrypt/renewal/other.conf: {says}"])

    def test_what_nginx_refuses_names_the_setting_before_its_line(self):
        self.write(
            "work/site",
            "a;\n  # nginx.extra of the stack file:\n  b;\n# nginx.locations: ~ a&b|\\.x of the stack file:\nc;\n",
        )
        general = "  Fix that, in the stack file if it comes from there, then run up again.\n"
        for line, setting in ((1, None), (3, "nginx.extra"), (5, "nginx.locations: ~ a&b|\\.x")):
            with self.subTest(line):
                first = f"greenpush: nginx: bad in /etc/nginx/sites-enabled/greenpush-shop:{line}\n"
                self.write("work/refused", first + general)
                named = f"  Fix sites.shop.{setting} in the stack file, then run up again.\n"
                self.assertEqual(self.run_function("names_the_setting"), first + (named if setting else general))


if __name__ == "__main__":
    unittest.main()
