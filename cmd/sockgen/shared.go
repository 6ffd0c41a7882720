// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/sockgen/sockgen/gen"
)

// A home is where the types of an imported file are, of which documents in one folder
// need several to have them.
type home struct {
	dir        string
	typeScript bool
	file       string // without regard to how a document names it
}

// A sharing is what documents have in common: those that import the file of a home.
type sharing struct {
	homes []home // in the order in which documents have them
	jobs  map[home][]*job
}

// share finds what jobs have in common, and tells each.
func share(jobs []*job) *sharing {
	s := &sharing{jobs: map[home][]*job{}}
	for _, j := range jobs {
		for _, file := range j.now.imports {
			for _, h := range j.homes(file) {
				if s.jobs[h] == nil {
					s.homes = append(s.homes, h)
				}
				s.jobs[h] = append(s.jobs[h], j)
			}
		}
	}
	s.homes = slices.DeleteFunc(s.homes, func(h home) bool { return !several(s.jobs[h]) })
	for _, j := range jobs {
		for _, file := range j.now.imports {
			shared := gen.SharedFile{File: file}
			for _, h := range j.homes(file) {
				if slices.Contains(s.homes, h) {
					shared.Go, shared.TypeScript = shared.Go || !h.typeScript, shared.TypeScript || h.typeScript
				}
			}
			if shared.Go || shared.TypeScript {
				j.in.Shared = append(j.in.Shared, shared)
			}
		}
	}
	return s
}

// several tells whether jobs are of more than one schema: one of them may go to two places.
func several(jobs []*job) bool {
	return slices.ContainsFunc(jobs, func(j *job) bool { return j.document.schema != jobs[0].document.schema })
}

// homes returns where the types of a file would be that a document imports. Go has none
// outside a module, where packages cannot import each other.
func (j *job) homes(file string) []home {
	if abs, err := filepath.Abs(filepath.FromSlash(file)); err == nil {
		file = abs
	}
	all := []home{{filepath.Clean(j.document.tsDir), true, file}}
	if j.in.GoFolder != "" {
		all = append(all, home{filepath.Clean(j.document.goDir), false, file})
	}
	return all
}

// concerns tells whether somebody has asked for a document that shares a file with j.
func (s *sharing) concerns(j *job) bool {
	return slices.ContainsFunc(s.homes, func(h home) bool {
		return slices.Contains(s.jobs[h], j) && slices.ContainsFunc(s.jobs[h], func(j *job) bool { return !j.others })
	})
}

// render renders the types of each home that somebody has asked for.
func (s *sharing) render() ([]rendering, error) {
	var all []rendering
	for _, h := range s.homes {
		jobs := s.jobs[h]
		if !slices.ContainsFunc(jobs, func(j *job) bool { return !j.others }) {
			continue
		}
		r, err := h.render(jobs)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (h home) render(jobs []*job) (rendering, error) {
	first := jobs[0]
	uses := gen.Imported{}
	for _, j := range jobs {
		if !slices.Equal(j.document.initialisms, first.document.initialisms) {
			return rendering{}, fmt.Errorf("%s and %s share the types of %s, which have one name in both: give them the same initialisms", first.document.schema, j.document.schema, h.named(j))
		}
		if h.typeScript && j.document.ts.Dates != first.document.ts.Dates {
			return rendering{}, fmt.Errorf("%s and %s share the types of %s, whose timestamps are Dates in one of them: give both the same typescript.dates", first.document.schema, j.document.schema, h.named(j))
		}
		for _, i := range j.now.output.Imports {
			if i.File == h.named(j) {
				uses.Go, uses.TypeScript = append(uses.Go, i.Go...), append(uses.TypeScript, i.TypeScript...)
			}
		}
	}
	file := gen.SharedFile{File: h.named(first), Go: !h.typeScript, TypeScript: h.typeScript}
	d := &document{schema: filepath.FromSlash(file.File), shared: true, goDir: first.document.goDir, tsDir: first.document.tsDir}
	out, err := gen.GenerateShared(first.in, file, uses)
	if err != nil {
		return rendering{}, &ownFault{err, d.schema}
	}
	return rendering{d, out.Files}, nil
}

// named returns how a document names the file.
func (h home) named(j *job) string {
	i := slices.IndexFunc(j.now.imports, func(file string) bool { return slices.Contains(j.homes(file), h) })
	return j.now.imports[i]
}
