// SPDX-License-Identifier: Apache-2.0

package client

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// An address is where the server is, in the forms that the transports want.
type address struct {
	http, ws string     // scheme, host and path
	query    url.Values // of the application
}

// parseAddress takes the server's URL apart. A path in it is refused, because people
// mean different things by it: the official client takes it for a namespace.
func parseAddress(raw string, cfg *Config) (address, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return address{}, fmt.Errorf("client: %w", err)
	}
	secure := false
	switch u.Scheme {
	case "http", "ws":
	case "https", "wss":
		secure = true
	default:
		return address{}, fmt.Errorf("client: the URL's scheme is %q: use http, https, ws or wss", u.Scheme)
	}
	switch {
	case u.Host == "":
		return address{}, errors.New("client: the URL names no host: write for example http://localhost:3000")
	case u.User != nil:
		return address{}, errors.New("client: the URL has a user name: send credentials in Config.Headers or SocketConfig.Auth")
	case strings.Trim(u.Path, "/") != "":
		return address{}, fmt.Errorf("client: the URL has the path %q: name a namespace with Manager.Socket, and the server's path in Config.Path", u.Path)
	}
	a := address{http: "http://", ws: "ws://", query: url.Values{}}
	if secure {
		a.http, a.ws = "https://", "wss://"
	}
	a.http += u.Host + cfg.Path
	a.ws += u.Host + cfg.Path
	maps.Copy(a.query, u.Query())
	for _, key := range ownParameters {
		if a.query.Has(key) {
			return address{}, fmt.Errorf("client: the URL's parameter %q belongs to the protocol; choose another name", key)
		}
	}
	for key, values := range cfg.Query {
		a.query[key] = slices.Clone(values)
	}
	return a, nil
}

// ownParameters are those of the protocol (R2).
var ownParameters = []string{"EIO", "transport", "sid", "t", "b64", "j"}

// url returns the address of a request (R2, R255). t keeps caches away.
func (a *address) url(transport, sid string) string {
	base := a.http
	if transport == webSocket {
		base = a.ws
	}
	query := "?EIO=4&transport=" + transport + "&t=" + strconv.FormatUint(rand.Uint64()>>20, 36)
	if sid != "" {
		query += "&sid=" + url.QueryEscape(sid)
	}
	if len(a.query) > 0 {
		query += "&" + a.query.Encode()
	}
	return base + query
}
