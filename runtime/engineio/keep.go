// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// fieldOverhead is what a field of a header, and each of its values, counts for
// besides its bytes: about what its place in the map takes.
const fieldOverhead = 64

// keep returns what a session keeps of the request that opens it: at most
// Limits.RequestBytes, however much an http.Server with other limits has let in.
func (s *Server) keep(r *http.Request) Request {
	f := Request{
		Header: r.Header, URL: r.RequestURI, RawQuery: r.URL.RawQuery,
		RemoteAddr: r.RemoteAddr, Secure: r.TLS != nil, Time: s.cfg.Clock.Now(),
	}
	budget := s.cfg.Limits.RequestBytes - len(f.URL)
	if size := headerSize(r.Header); size > budget {
		f.Header = trim(r.Header, size, budget)
		s.trimmed.Add(1)
		s.hit(LimitRequestBytes, s.facts(r))
		s.quiet.Write(context.Background(), slog.LevelInfo, "trimmed", "engineio: a request's header is too large to be kept whole; its largest fields were left out",
			"bytes", size, "limit", s.cfg.Limits.RequestBytes, "left out", len(r.Header)-len(f.Header), "remote", r.RemoteAddr)
	}
	return f
}

func headerSize(h http.Header) int {
	n := 0
	for name, values := range h {
		n += fieldSize(name, values)
	}
	return n
}

func fieldSize(name string, values []string) int {
	n := fieldOverhead + len(name)
	for _, v := range values {
		n += fieldOverhead + len(v)
	}
	return n
}

// trim returns a copy of h without its largest fields, in memory of its own.
func trim(h http.Header, size, budget int) http.Header {
	type field struct {
		name string
		size int
	}
	list := make([]field, 0, len(h))
	for name, values := range h {
		list = append(list, field{name, fieldSize(name, values)})
	}
	slices.SortFunc(list, func(a, b field) int {
		return cmp.Or(cmp.Compare(b.size, a.size), strings.Compare(a.name, b.name))
	})
	for len(list) > 0 && size > budget {
		size -= list[0].size
		list = list[1:]
	}
	kept := make(http.Header, len(list))
	for _, f := range list {
		values := make([]string, len(h[f.name]))
		for i, v := range h[f.name] {
			values[i] = strings.Clone(v)
		}
		kept[strings.Clone(f.name)] = values
	}
	return kept
}
