package main

import (
	"embed"
	"io/fs"
	"net/http"
)

// dist is what the page's build leaves behind; before the first build it holds
// nothing to serve.
//
//go:embed all:page/dist
var dist embed.FS

const unbuilt = `The board's page is not built yet. Build and serve it with:

    make live

The Socket.IO server and the API behind it run already.
`

// page serves the board's page, or says how to build it.
func page() http.Handler {
	files, err := fs.Sub(dist, "page/dist")
	if err != nil {
		panic(err) // the folder is named above
	}
	serve := http.FileServerFS(files)
	if _, err := fs.Stat(files, "index.html"); err != nil {
		serve = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte(unbuilt)) // a client that has gone needs no answer
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // the embedded files carry no date to compare
		serve.ServeHTTP(w, r)
	})
}
