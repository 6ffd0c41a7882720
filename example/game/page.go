// SPDX-License-Identifier: Apache-2.0

package main

import (
	"embed"
	"net/http"

	"github.com/sockgen/sockgen/example/site"
)

// dist is what the page's build leaves behind; before the first build it holds
// nothing to serve.
//
//go:embed all:page/dist
var dist embed.FS

const unbuilt = `The game's page is not built yet. Build and serve it with:

    make game

The Socket.IO server behind it runs already, at /socket.io/.
`

// page serves the game's page, or says how to build it.
func page() (http.Handler, error) {
	return site.Page{Embedded: dist, Policy: "connect-src 'self' ws: wss:", Unbuilt: unbuilt}.Handler()
}
