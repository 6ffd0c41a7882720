// SPDX-License-Identifier: Apache-2.0

package irtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"

	"github.com/sockgen/sockgen/gen/ir"
)

// A Payload is what comes with an event or ack. Args are texts in JSON, in which
// placeholders stand for Attachments.
type Payload struct {
	Args        []json.RawMessage
	Attachments [][]byte

	// Echo is Args as sockgen's own encoder writes them: with the defaults of absent
	// fields. Its attachments are those of Args. It is nil for a broken payload.
	Echo []json.RawMessage
}

// A Broken is a payload with one mistake in it.
type Broken struct {
	Payload
	Path string // of every issue that it must raise
	Why  string // what is wrong: "missing", "wrong type"
}

// A node is a value before it becomes JSON.
type node struct {
	t           *ir.Type        // what it is a value of, aliases resolved; nil within any
	constraints []ir.Constraint // of t and of the aliases that led to it
	custom      bool            // Go has a type of the application's own for it

	form    form
	raw     string   // rawForm
	data    []byte   // bytesForm
	items   []*node  // listForm
	members []member // objectForm
	decl    *ir.Decl // objectForm: the struct, nil for a map
	union   *ir.Decl // objectForm: the union that decl is a variant of, or nil
	unknown bool     // a variant that the schema does not have
}

type form int

const (
	rawForm form = iota
	bytesForm
	listForm
	objectForm
)

// A member is a field, a map's entry or a tag.
type member struct {
	key     string
	value   *node
	field   *ir.Field // nil for an entry and a tag
	omitted bool      // absent, with a default: it is in Echo alone
}

func (n *node) isNull() bool { return n.form == rawForm && n.raw == "null" }

// clone returns a deep copy.
func (n *node) clone() *node {
	c := *n
	c.items = nil
	for _, item := range n.items {
		c.items = append(c.items, item.clone())
	}
	c.members = nil
	for _, m := range n.members {
		m.value = m.value.clone()
		c.members = append(c.members, m)
	}
	return &c
}

// A printer writes nodes as JSON.
type printer struct {
	bytes.Buffer
	attachments [][]byte
	base64      bool
	echo        bool
}

func (p *printer) print(n *node) {
	switch n.form {
	case rawForm:
		p.WriteString(n.raw)
	case bytesForm:
		if p.base64 {
			p.WriteString(strconv.Quote(base64.StdEncoding.EncodeToString(n.data)))
			return
		}
		p.WriteString(`{"_placeholder":true,"num":` + strconv.Itoa(len(p.attachments)) + `}`)
		p.attachments = append(p.attachments, n.data)
	case listForm:
		p.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				p.WriteByte(',')
			}
			p.print(item)
		}
		p.WriteByte(']')
	case objectForm:
		p.WriteByte('{')
		comma := false
		for _, m := range n.members {
			if m.omitted && !p.echo {
				continue
			}
			if comma {
				p.WriteByte(',')
			}
			comma = true
			p.WriteString(quote(m.key) + ":")
			p.print(m.value)
		}
		p.WriteByte('}')
	}
}

// quote writes s as a JSON string.
func quote(s string) string {
	data, _ := json.Marshal(s) // strings always marshal
	return string(data)
}
