// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"fmt"
	goformat "go/format"
	"runtime"
	"sync"

	"github.com/dave/jennifer/jen"
	"golang.org/x/tools/imports"
)

// A source is a file before it is printed.
type source struct {
	name string
	file *jen.File
}

// chunkSize is how many bytes of a body are formatted at a time, at least.
const chunkSize = 32 << 10

// format prints a file as gofmt would. Printing costs more than all the rest of
// sockgen together, so a long body is printed in pieces, which share the
// machine's processors; only what stands before it needs its imports grouped.
func format(s source) ([]byte, error) {
	var raw bytes.Buffer
	if err := s.file.Render(&raw); err != nil {
		return nil, fmt.Errorf("golang: render %s: %w", s.name, err)
	}
	head, body := splitImports(raw.Bytes())
	head, err := imports.Process(s.name, head, &imports.Options{FormatOnly: true, Comments: true, TabIndent: true, TabWidth: 8})
	if err != nil {
		return nil, fmt.Errorf("golang: format %s: %w", s.name, err)
	}
	parts := pieces(body)
	errs := make([]error, len(parts))
	inParallel(len(parts), func(i int) { parts[i].text, errs[i] = parts[i].format() })
	out := append(make([]byte, 0, raw.Len()+raw.Len()/8), bytes.TrimSpace(head)...)
	for i, part := range parts {
		if errs[i] != nil {
			return nil, fmt.Errorf("golang: format %s: %w", s.name, errs[i])
		}
		if len(part.text) > 0 {
			out = append(append(out, part.before...), part.text...)
		}
	}
	return append(out, '\n'), nil
}

// A piece is some of a file's declarations.
type piece struct {
	before string // what stands between it and the one before: line ends
	text   []byte
	tidied bool // as gofmt would print it
}

func (p piece) format() ([]byte, error) {
	if p.tidied {
		return p.text, nil
	}
	text, err := goformat.Source(append([]byte("\n"), p.text...)) // else it takes the first line for one behind a package clause
	return bytes.TrimSpace(text), err
}

// pieces divides declarations into those that are tidy and those that gofmt has to print.
func pieces(body []byte) []piece {
	var parts []piece
	list := declarations(body)
	for i, d := range list {
		// gofmt aligns the bodies of functions on lines that follow each other.
		apart := d.before != "\n" && (i+1 == len(list) || list[i+1].before != "\n")
		var text []byte
		ok := false
		if apart {
			text, ok = tidy(nil, d.text)
		}
		last := len(parts) - 1
		switch {
		case ok && last >= 0 && parts[last].tidied && len(parts[last].text) < chunkSize:
			parts[last].text = append(append(parts[last].text, d.before...), text...)
		case ok:
			parts = append(parts, piece{d.before, text, true})
		case last >= 0 && !parts[last].tidied && len(parts[last].text) < chunkSize:
			parts[last].text = append(append(parts[last].text, d.before...), d.text...)
		default:
			parts = append(parts, piece{d.before, bytes.Clone(d.text), false})
		}
	}
	return parts
}

// splitImports splits src, as jennifer renders it, behind its import declaration
// or, without one, behind its package clause.
func splitImports(src []byte) (head, body []byte) {
	end := bytes.Index(src, []byte("\npackage "))
	end += 1 + bytes.IndexByte(src[end+1:], '\n')
	rest := bytes.TrimLeft(src[end:], "\n")
	switch {
	case bytes.HasPrefix(rest, []byte("import (")):
		end = len(src) - len(rest) + bytes.Index(rest, []byte("\n)")) + 2
	case bytes.HasPrefix(rest, []byte("import ")):
		end = len(src) - len(rest) + bytes.IndexByte(rest, '\n')
	}
	return src[:end], src[end:]
}

// declarations divides a file's body into its declarations, each with its comments.
func declarations(body []byte) (list []piece) {
	start, depth := 0, 0
	blank := true
	add := func(end int) {
		if text := bytes.TrimSpace(body[start:end]); len(text) > 0 {
			before := "\n"
			if blank {
				before = "\n\n"
			}
			list, blank = append(list, piece{before: before, text: text}), false
		}
		start = end
	}
	for i := 0; i < len(body); i++ {
		switch c := body[i]; c {
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			depth--
		case '"', '\'', '`':
			for i++; i < len(body) && body[i] != c; i++ {
				if body[i] == '\\' && c != '`' {
					i++
				}
			}
		case '/':
			if i+1 < len(body) && body[i+1] == '/' {
				comment := depth == 0 && (i == 0 || body[i-1] == '\n')
				for i+1 < len(body) && body[i+1] != '\n' {
					i++
				}
				if comment { // of the declaration that follows
					i++
				}
			}
		case '\n':
			if depth > 0 {
				continue
			}
			add(i + 1)
			blank = blank || i+1 < len(body) && body[i+1] == '\n'
		}
	}
	add(len(body))
	return list
}

// inParallel calls f for 0 to n-1, on as many goroutines as there are
// processors, and waits for them.
func inParallel(n int, f func(i int)) {
	var next sync.Mutex
	taken := 0
	take := func() int {
		next.Lock()
		defer next.Unlock()
		taken++
		return taken - 1
	}
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := take(); i < n; i = take() {
				f(i)
			}
		})
	}
	workers.Wait()
}
