// SPDX-License-Identifier: Apache-2.0

package site

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// A Page is what Handler serves.
type Page struct {
	Embedded fs.FS  // holds what the build has left
	Dir      string // where in it; "page/dist" when empty
	Policy   string // the Content-Security-Policy, behind its "default-src 'self'"
	Unbuilt  string // says how to build the page, while there is no index.html
}

// Handler serves the page. Every file has an ETag, so that a browser loads it again
// only after a change, and goes out compressed to those who accept that.
func (p Page) Handler() (http.Handler, error) {
	files, err := fs.Sub(p.Embedded, cmp.Or(p.Dir, "page/dist"))
	if err != nil {
		return nil, err
	}
	assets, err := load(files)
	if err != nil {
		return nil, err
	}
	policy := strings.Join([]string{"default-src 'self'", p.Policy, "base-uri 'none'", "frame-ancestors 'none'"}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // a browser asks each time, and mostly hears "not modified"
		if assets["/index.html"] == nil {
			h.Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte(p.Unbuilt)) // a client that has gone needs no answer
			return
		}
		name := r.URL.Path
		if name == "/" {
			name = "/index.html"
		}
		if asset := assets[name]; asset != nil {
			asset.serve(w, r)
			return
		}
		http.NotFound(w, r)
	}), nil
}

// An asset is one file of a page.
type asset struct {
	kind   string // its Content-Type
	plain  []byte
	zipped []byte // nil where compression does not pay
	tag    string // identifies the contents
}

// load reads and compresses all files, by the path of their URL.
func load(files fs.FS) (map[string]*asset, error) {
	assets := map[string]*asset{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		plain, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		assets["/"+name], err = newAsset(name, plain)
		return err
	})
	return assets, err
}

func newAsset(name string, plain []byte) (*asset, error) {
	var zipped bytes.Buffer
	z, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(plain); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress %s: %w", name, err)
	}
	sum := sha256.Sum256(plain)
	a := &asset{kind: contentType(name), plain: plain, tag: hex.EncodeToString(sum[:12])}
	if zipped.Len() < len(plain)*9/10 {
		a.zipped = zipped.Bytes()
	}
	return a, nil
}

// contentType knows the kinds of files that a page is made of. A machine may lack
// the table that mime reads, or hold something else in it.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".map":
		return "application/json"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	contents, tag := a.plain, a.tag
	if a.zipped != nil {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			contents, tag = a.zipped, a.tag+"-gzip"
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	// It answers If-None-Match, Range and HEAD. The files carry no date to compare.
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(contents))
}

// acceptsGzip reads Accept-Encoding, such as "gzip, br;q=0.5". A quality of zero
// refuses, and "*" stands for what is not named.
func acceptsGzip(values []string) bool {
	accepts := false
	for _, offer := range strings.Split(strings.Join(values, ","), ",") {
		coding, parameters, _ := strings.Cut(offer, ";")
		coding = strings.TrimSpace(coding)
		_, quality, _ := strings.Cut(strings.ReplaceAll(parameters, " ", ""), "q=")
		yes := strings.Trim(quality, "0.") != "" || quality == ""
		switch {
		case strings.EqualFold(coding, "gzip"):
			return yes
		case coding == "*":
			accepts = yes
		}
	}
	return accepts
}
