// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/sockgen/sockgen/gen/ir"
)

// lockVersion is the version of the file's form.
const lockVersion = 1

// Bounds on a lock file. Each release of a large schema adds some ten kilobytes.
const (
	maxLock   = 32 << 20 // bytes
	maxNested = 64       // lists and maps within each other; a schema has fewer
)

// A Lock holds the models that were released, by path and fingerprint. It is
// plain data; calls that read it may overlap.
type Lock struct {
	Models map[string]map[string]*Model
}

// lockFile is the form of a Lock on disk.
type lockFile struct {
	Sockgen int                          `json:"sockgen"`
	Models  map[string]map[string]*Model `json:"models"`
}

// ParseLock reads a lock file; an empty one holds no models. Whoever edited it
// by hand hears of it: each model must have the fingerprint that it stands under.
func ParseLock(data []byte) (*Lock, error) {
	lock := &Lock{Models: map[string]map[string]*Model{}}
	if len(bytes.TrimSpace(data)) == 0 {
		return lock, nil
	}
	if len(data) > maxLock {
		return nil, fmt.Errorf("it is larger than %d bytes, the most that it may have", maxLock)
	}
	if line, ok := conflict(data); ok {
		return nil, fmt.Errorf("line %d: a merge has left its markers: keep the models of both sides", line)
	}
	file := lockFile{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, located(data, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, located(data, d.InputOffset(), errors.New("something follows the models"))
	}
	if file.Sockgen != lockVersion {
		return nil, fmt.Errorf("it is of version %d, and this sockgen reads version %d: write \"sockgen\": %d, or use the sockgen that wrote it", file.Sockgen, lockVersion, lockVersion)
	}
	for _, path := range slices.Sorted(maps.Keys(file.Models)) {
		for _, fingerprint := range slices.Sorted(maps.Keys(file.Models[path])) {
			m := file.Models[path][fingerprint]
			if err := m.restore(path, fingerprint); err != nil {
				return nil, fmt.Errorf("model %q of %q: %w: take the file from version control again", fingerprint, path, err)
			}
		}
	}
	if file.Models != nil {
		lock.Models = file.Models
	}
	return lock, nil
}

// conflict finds the markers of a failed merge.
func conflict(data []byte) (line int, ok bool) {
	for text := range bytes.Lines(data) {
		line++
		if bytes.HasPrefix(text, []byte("<<<<<<<")) || bytes.HasPrefix(text, []byte(">>>>>>>")) {
			return line, true
		}
	}
	return 0, false
}

// located adds the line to an error of encoding/json.
func located(data []byte, offset int64, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(data))
		err = errors.New("it ends too early")
	}
	offset = min(max(offset, 0), int64(len(data)))
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

// restore completes a model that was read, and holds it to what every model is.
func (m *Model) restore(path, fingerprint string) error {
	if m == nil {
		return errors.New("there is nothing in it")
	}
	m.Path = path
	if err := m.validate(); err != nil {
		return err
	}
	if got := m.Fingerprint(); got != fingerprint {
		return fmt.Errorf("its fingerprint is %s, so that somebody has changed it", got)
	}
	return nil
}

// validate reports what [New] would never make, so that nothing else meets it.
func (m *Model) validate() error {
	for name, s := range m.Types {
		if s == nil {
			return fmt.Errorf("type %q has nothing in it", name)
		}
		if err := m.validateShape(s); err != nil {
			return fmt.Errorf("type %q %w", name, err)
		}
	}
	types := slices.Clone(m.Params)
	if m.Auth != nil {
		types = append(types, m.Auth)
	}
	codes := m.Connect
	for _, t := range m.Errors {
		if t != nil {
			types = append(types, t)
		}
	}
	for _, events := range []map[string]*Event{m.Client, m.Server} {
		for name, e := range events {
			if e == nil {
				return fmt.Errorf("event %q has nothing in it", name)
			}
			for _, f := range e.Args {
				if f == nil {
					return fmt.Errorf("event %q has an argument with nothing in it", name)
				}
				types = append(types, &f.Type)
			}
			if e.Ack != nil && e.Ack.Type != nil {
				types = append(types, e.Ack.Type)
			}
			codes = slices.Concat(codes, e.Errors)
		}
	}
	for _, code := range codes {
		if _, ok := m.Errors[code]; !ok {
			return fmt.Errorf("error %q is not among its errors", code)
		}
	}
	for _, t := range types {
		if err := m.validateType(t, 0); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) validateShape(s *Shape) error {
	switch s.Kind {
	case Struct:
		for name, f := range s.Fields {
			if f == nil {
				return fmt.Errorf("has nothing in field %q", name)
			}
			if err := m.validateType(&f.Type, 0); err != nil {
				return err
			}
		}
	case Enum:
	case Integers:
		for _, v := range s.Values {
			if !number.MatchString(v) {
				return fmt.Errorf("has a value %q, which is no integer", v)
			}
		}
	case Union:
		for _, name := range s.Of {
			if of := m.Types[name]; of == nil || of.Kind != Struct {
				return fmt.Errorf("has a variant %q, which is no struct", name)
			}
		}
	case Alias:
		if s.Alias == nil || s.Alias.List == nil && s.Alias.Map == nil {
			return errors.New("is an alias of something other than a list or a map")
		}
		return m.validateType(s.Alias, 0)
	default:
		return fmt.Errorf("is of the unknown kind %q", s.Kind)
	}
	return nil
}

func (m *Model) validateType(t *Type, depth int) error {
	if t == nil {
		return errors.New("has a type with nothing in it")
	}
	if depth > maxNested {
		return fmt.Errorf("nests more than %d lists and maps", maxNested)
	}
	forms := 0
	for _, has := range []bool{t.Scalar != "", t.List != nil, t.Map != nil, t.Ref != ""} {
		if has {
			forms++
		}
	}
	switch {
	case forms != 1:
		return errors.New("has a type that is not one of scalar, list, map and ref")
	case t.Ref != "" && m.Types[t.Ref] == nil:
		return fmt.Errorf("refers to type %q, which is not there", t.Ref)
	case t.Scalar != "" && !isScalar(t.Scalar):
		return fmt.Errorf("has the unknown scalar %q", t.Scalar)
	case !isSpan(t.Length) || !isSpan(t.Range):
		return fmt.Errorf("has a span other than \"1..64\", \"1..\" or \"..64\"")
	case t.List != nil:
		return m.validateType(t.List, depth+1)
	case t.Map != nil:
		return m.validateType(t.Map, depth+1)
	}
	return nil
}

func isScalar(name string) bool {
	switch s := ir.Scalar(name); s {
	case ir.Bool, ir.String, ir.Bytes, ir.Timestamp, ir.UUID, ir.Any:
		return true
	}
	_, number := limits[name]
	return number
}

// Append appends the file's text to b: sorted, one fact a line, so that the same
// models give the same bytes and releases of two branches merge.
func (l *Lock) Append(b []byte) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(lockFile{lockVersion, l.Models}); err != nil {
		return nil, fmt.Errorf("write the lock: %w", err)
	}
	return append(b, text.Bytes()...), nil
}

// Add adds the models that the lock does not have and returns them, in their order.
func (l *Lock) Add(models []*Model) []*Model {
	var added []*Model
	for _, m := range models {
		fingerprint := m.Fingerprint()
		if l.Models[m.Path][fingerprint] != nil {
			continue
		}
		if l.Models[m.Path] == nil {
			l.Models[m.Path] = map[string]*Model{}
		}
		l.Models[m.Path][fingerprint] = m
		added = append(added, m)
	}
	return added
}

// Released returns the locked models of a namespace, sorted by fingerprint.
func (l *Lock) Released(path string) []*Model {
	var models []*Model
	for _, fingerprint := range slices.Sorted(maps.Keys(l.Models[path])) {
		models = append(models, l.Models[path][fingerprint])
	}
	return models
}

// Ancestors returns the fingerprints of the locked models whose clients m does
// not break, its own left out, sorted.
func (l *Lock) Ancestors(m *Model) []string {
	own := m.Fingerprint()
	var list []string
	for _, fingerprint := range slices.Sorted(maps.Keys(l.Models[m.Path])) {
		if fingerprint != own && !HasBreaks(Compare(l.Models[m.Path][fingerprint], m)) {
			list = append(list, fingerprint)
		}
	}
	return list
}

// Stamp fills in the fingerprints of doc's namespaces and the ancestors that lock
// knows. Lock may be nil: then there are none.
func Stamp(doc *ir.Document, lock *Lock) {
	for _, ns := range doc.Namespaces {
		m := New(doc, ns)
		ns.Fingerprint, ns.Ancestors = m.Fingerprint(), nil
		if lock != nil {
			ns.Ancestors = lock.Ancestors(m)
		}
	}
}
