// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A PathPart is a piece of a namespace's path: literal text, or a parameter.
type PathPart struct {
	Text  string // when Param is ""
	Param string // the parameter's name in the schema
	Bare  bool   // the parameter is a number or a bool in JSON, not a string
}

// A Path is the path of a namespace with parameters, which a P holds. Each value
// is escaped as JavaScript's encodeURIComponent does it and never empty. A name
// that is spelled in another way is no name of such a namespace, so that there
// is one for each P. A Path does not change.
type Path[P comparable] struct {
	parts  []PathPart
	decode func(*Decoder, *P)
	texts  func(*P) []string
}

// NewPath returns the path of parts. decode reads a P from an object with a field
// for each parameter, and texts returns the values in the order of the path.
func NewPath[P comparable](decode func(*Decoder, *P), texts func(*P) []string, parts ...PathPart) *Path[P] {
	return &Path[P]{parts: parts, decode: decode, texts: texts}
}

// String returns the path with the parameters' names in braces.
func (p *Path[P]) String() string {
	var b strings.Builder
	for _, part := range p.parts {
		if part.Param == "" {
			b.WriteString(part.Text)
		} else {
			b.WriteString("{" + part.Param + "}")
		}
	}
	return b.String()
}

// Name returns the name of the namespace for params. It fails when params do not
// fit the schema, and when the name would stand for other params as well.
func (p *Path[P]) Name(params P) (string, error) {
	name := p.build(&params)
	read, err := p.parse(name)
	if err == nil && read != params {
		err = fmt.Errorf("%w: %+v would be spelled the same", errOtherSpelling, read)
	}
	if err != nil {
		return "", fmt.Errorf("typed: namespace %s with %+v: %w", p, params, err)
	}
	return name, nil
}

// Parse returns what the name of a namespace says, and whether it is a name that
// [Path.Name] makes.
func (p *Path[P]) Parse(name string) (P, bool) {
	params, err := p.parse(name)
	return params, err == nil
}

// Family returns srv's parent of all namespaces with this path.
func (p *Path[P]) Family(srv *socketio.Server) *socketio.ParentNamespace {
	return familyOf(srv, p.String(), func(name string) bool {
		_, ok := p.Parse(name)
		return ok
	})
}

// ParamsOf returns the parameters of the namespace that s is in.
func (p *Path[P]) ParamsOf(n *socketio.Namespace) P {
	params, _ := p.Parse(n.Name()) // Family accepts no other names
	return params
}

var (
	errOtherPath     = errors.New("the name does not have this form")
	errOtherSpelling = errors.New("this is not how the name is spelled")
)

func (p *Path[P]) build(params *P) string {
	texts := p.texts(params)
	var b strings.Builder
	for _, part := range p.parts {
		if part.Param == "" {
			b.WriteString(part.Text)
			continue
		}
		escape(&b, texts[0])
		texts = texts[1:]
	}
	return b.String()
}

func (p *Path[P]) parse(name string) (P, error) {
	var params, none P
	object, err := p.object(name)
	if err != nil {
		return none, err
	}
	if err := unmarshalJSON(object, func(d *Decoder) { p.decode(d, &params) }); err != nil {
		return none, err
	}
	if p.build(&params) != name {
		return none, errOtherSpelling
	}
	return params, nil
}

// object returns the values in name as a JSON object. A value ends before the
// first occurrence of the text that follows it, the last text is the name's end.
func (p *Path[P]) object(name string) ([]byte, error) {
	b := []byte{'{'}
	for i, part := range p.parts {
		if part.Param == "" {
			var ok bool
			if name, ok = strings.CutPrefix(name, part.Text); !ok {
				return nil, errOtherPath
			}
			continue
		}
		end := len(name)
		if i+1 < len(p.parts) {
			next := p.parts[i+1].Text
			if i+2 == len(p.parts) {
				end = strings.LastIndex(name, next)
			} else {
				end = strings.Index(name, next)
			}
		}
		if end <= 0 {
			return nil, errOtherPath
		}
		text, ok := unescape(name[:end])
		if !ok || part.Bare && !isBare(text) {
			return nil, errOtherSpelling
		}
		name = name[end:]
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(siowire.AppendString(b, part.Param), ':')
		if part.Bare {
			b = append(b, text...)
		} else {
			b = siowire.AppendString(b, text)
		}
	}
	if name != "" {
		return nil, errOtherPath
	}
	return append(b, '}'), nil
}

// isBare tells whether s may be a number without fraction, or a bool. Nothing
// else gets into JSON as it is.
func isBare(s string) bool {
	return s == "true" || s == "false" || strings.Trim(s, "-0123456789") == ""
}

const upperHex = "0123456789ABCDEF"

// isUnescaped tells whether encodeURIComponent leaves c as it is.
func isUnescaped(c byte) bool {
	switch c {
	case '-', '_', '.', '!', '~', '*', '\'', '(', ')':
		return true
	}
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func escape(b *strings.Builder, s string) {
	for i := range len(s) {
		if c := s[i]; isUnescaped(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
}

// unescape undoes escape. It refuses what escape does not produce.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			high, low := strings.IndexByte(upperHex, s[i+1]), strings.IndexByte(upperHex, s[i+2])
			if high < 0 || low < 0 {
				return "", false
			}
			c = byte(high<<4 | low)
			i += 2
			if isUnescaped(c) {
				return "", false
			}
		} else if !isUnescaped(c) {
			return "", false
		}
		b.WriteByte(c)
	}
	return b.String(), utf8.ValidString(b.String())
}
