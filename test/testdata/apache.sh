# A server with processes and threads, under load, started anew and stopped.
modules=/usr/lib/apache2/modules
mkdir www
seq 4000 >www/index.html
cat >httpd.conf <<CONF
ServerRoot $PWD
ServerName localhost
PidFile $PWD/pid
Listen 127.0.0.1:18098
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule dir_module $modules/mod_dir.so
StartServers 2
ErrorLog $PWD/errors
DocumentRoot $PWD/www
<Directory $PWD/www>
Require all granted
</Directory>
User nobody
Group nogroup
CONF
chmod 755 . www
url=http://127.0.0.1:18098/index.html
apache2 -f "$PWD/httpd.conf" -D FOREGROUND &
server=$!
until ab -q -n 1 $url >/dev/null 2>&1; do sleep 0.05; done
served() { ab -q -n 300 -c 8 $url | grep -E 'Complete|Failed|Non-2xx'; }
served
kill -USR1 $server
served
kill -TERM $server
wait $server
echo "server $?"
rm -r ./*
