# A server with two processes, loaded over TCP, and told to start them anew.
seq 4000 >index.html
cat >nginx.conf <<END
worker_processes 2;
daemon off;
pid $PWD/pid;
error_log stderr error;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path $PWD/t; proxy_temp_path $PWD/t; fastcgi_temp_path $PWD/t;
	uwsgi_temp_path $PWD/t; scgi_temp_path $PWD/t;
	server { listen 127.0.0.1:18097; root $PWD; }
}
END
url=http://127.0.0.1:18097/index.html
nginx -e stderr -p "$PWD" -c nginx.conf &
server=$!
until wrk -t1 -c1 -d1 $url >/dev/null 2>&1; do sleep 0.05; done
served() { # WHEN
	wrk -t2 -c8 -d1 $url >wrk.out
	grep -q 'requests in' wrk.out && ! grep Non-2xx wrk.out && echo "served $1"
}
served first
kill -HUP $server
served again
kill -QUIT $server
wait $server
echo "server $?"
rm -r ./*
