// A server of net/http under load: by goroutines of its own process, and by
// another process of the same program, until a signal tells it to shut down.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("another process had", load(os.Args[1]))
		return
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	server := &http.Server{Handler: http.HandlerFunc(serve)}
	over := make(chan error)
	go func() { over <- server.Serve(listener) }()
	url := "http://" + listener.Addr().String() + "/"
	other := exec.Command(must(os.Executable()), url)
	other.Stdout, other.Stderr = os.Stdout, os.Stderr
	check(other.Start())
	own := load(url)
	check(other.Wait())
	fmt.Println("goroutines had", own)
	runtime.GC()
	check(syscall.Kill(os.Getpid(), syscall.SIGTERM))
	<-stop.Done()
	check(server.Shutdown(context.Background()))
	fmt.Println(<-over)
}

// serve answers with the digest of what it was sent, packed.
func serve(w http.ResponseWriter, r *http.Request) {
	digest := sha256.New()
	must(io.Copy(digest, r.Body))
	zip := gzip.NewWriter(w)
	fmt.Fprintf(zip, "%x", digest.Sum(nil))
	check(zip.Close())
}

// load returns how many right answers 8 clients have had.
func load(url string) int64 {
	var right atomic.Int64
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			for n := range 100 {
				body := bytes.Repeat([]byte{byte(i)}, n*200)
				response := must(http.Post(url, "text/plain", bytes.NewReader(body)))
				zip := must(gzip.NewReader(response.Body))
				if string(must(io.ReadAll(zip))) == fmt.Sprintf("%x", sha256.Sum256(body)) {
					right.Add(1)
				}
				check(response.Body.Close())
			}
		}()
	}
	clients.Wait()
	return right.Load()
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
