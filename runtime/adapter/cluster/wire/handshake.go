// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// A handshake is what Node's servers tell about a socket's.
type handshake struct {
	Headers map[string]many `json:"headers"`
	Time    string          `json:"time"`
	Address string          `json:"address"`
	XDomain bool            `json:"xdomain"`
	Secure  bool            `json:"secure"`
	Issued  float64         `json:"issued"` // milliseconds since 1970
	URL     string          `json:"url"`
	Query   map[string]many `json:"query"`
	Auth    json.RawMessage `json:"auth"`
}

// many is a string, or a list of them.
type many []string

// MarshalJSON implements json.Marshaler.
func (m many) MarshalJSON() ([]byte, error) {
	switch len(m) {
	case 0:
		return []byte("[]"), nil
	case 1:
		return marshal(m[0])
	}
	return marshal([]string(m))
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *many) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case '[':
		return json.Unmarshal(raw, (*[]string)(m))
	case 'n':
		*m = nil
		return nil
	}
	*m = make([]string, 1)
	return json.Unmarshal(raw, &(*m)[0])
}

func handshakeOf(raw []byte) (*adapter.Handshake, error) {
	var h handshake
	if err := json.Unmarshal(raw, &h); err != nil {
		return nil, invalid("a handshake is not as servers tell it")
	}
	const most = 1 << 53
	if h.Issued < -most || h.Issued > most {
		return nil, invalid("a handshake's time is out of range")
	}
	if len(h.Auth) == 0 || h.Auth[0] != '{' {
		h.Auth = json.RawMessage("{}")
	}
	to := &adapter.Handshake{
		Auth: h.Auth, Header: http.Header{}, Query: url.Values{}, URL: h.URL, Address: h.Address,
		Time: time.UnixMilli(int64(h.Issued)).UTC(), Secure: h.Secure, CrossOrigin: h.XDomain,
	}
	for _, name := range slices.Sorted(maps.Keys(h.Headers)) {
		key := textproto.CanonicalMIMEHeaderKey(name)
		to.Header[key] = append(to.Header[key], h.Headers[name]...)
	}
	for key, values := range h.Query {
		to.Query[key] = values
	}
	return to, nil
}

// jsTime is how JavaScript prints a date.
const jsTime = "Mon Jan 02 2006 15:04:05 GMT-0700 (Coordinated Universal Time)"

func handshakeFrom(h *adapter.Handshake) *handshake {
	to := &handshake{
		Headers: map[string]many{}, Query: map[string]many{},
		Time: h.Time.UTC().Format(jsTime), Issued: float64(h.Time.UnixMilli()),
		Address: h.Address, XDomain: h.CrossOrigin, Secure: h.Secure, URL: h.URL, Auth: h.Auth,
	}
	if len(to.Auth) == 0 {
		to.Auth = json.RawMessage("{}")
	}
	for key, values := range h.Header {
		if len(values) == 0 {
			continue
		}
		key = strings.ToLower(key)
		switch key {
		case "set-cookie":
			to.Headers[key] = slices.Clone(values)
		case "cookie":
			to.Headers[key] = many{strings.Join(values, "; ")}
		default:
			to.Headers[key] = many{strings.Join(values, ", ")}
		}
	}
	for key, values := range h.Query {
		to.Query[key] = values
	}
	return to
}

// marshal is json.Marshal without HTML escaping.
func marshal(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
