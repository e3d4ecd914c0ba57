# Where things lie on a server. The tests of this library have paths of their own in the place of this file.

root=/var/lib/greenpush
engine_folder=/usr/lib/greenpush
configurations=/etc/greenpush
certificates=/etc/greenpush-tls
acme=/var/lib/greenpush-acme
backups=/var/backups/greenpush
# Not /run/lock, where any account may make or hold a lock that root waits for.
locks=/run/greenpush
units=/etc/systemd/system
nginx_folder=/etc/nginx
nginx_logs=/var/log/nginx
dpkg_info=/var/lib/dpkg/info
# Patterns of folders that the data of packages lies in.
folders_of_data="/var/lib/* /var/spool/* /srv/*"
# What userdel leaves.
mail=/var/mail
crontabs=/var/spool/cron/crontabs
# An SSH session that is no login may lack the administrator's folders.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
