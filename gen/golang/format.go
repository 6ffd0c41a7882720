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
	parts := cut(body, chunkSize)
	errs := make([]error, len(parts))
	inParallel(len(parts), func(i int) { parts[i], errs[i] = goformat.Source(parts[i]) })
	out := append(make([]byte, 0, raw.Len()+raw.Len()/8), bytes.TrimSpace(head)...)
	for i, part := range parts {
		if errs[i] != nil {
			return nil, fmt.Errorf("golang: format %s: %w", s.name, errs[i])
		}
		if part = bytes.TrimSpace(part); len(part) > 0 {
			out = append(append(out, "\n\n"...), part...)
		}
	}
	return append(out, '\n'), nil
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

// cut divides declarations into pieces of at least size bytes, at blank lines
// between two of them.
func cut(src []byte, size int) [][]byte {
	var parts [][]byte
	start, depth := 0, 0
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '(', '{', '[':
			depth++
		case ')', '}', ']':
			depth--
		case '"', '\'', '`':
			for i++; i < len(src) && src[i] != c; i++ {
				if src[i] == '\\' && c != '`' {
					i++
				}
			}
		case '/':
			if i+1 < len(src) && src[i+1] == '/' {
				for i+1 < len(src) && src[i+1] != '\n' {
					i++
				}
			}
		case '\n':
			if depth == 0 && i+1 < len(src) && src[i+1] == '\n' && i-start >= size {
				parts = append(parts, src[start:i])
				start = i
			}
		}
	}
	return append(parts, src[start:])
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
